"""Channels: which there are, adding shipped ones, which products are ready, measuring files of earlier versions."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from rendering.delivery import archives
from rendering.farm import measuring
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError
from rendering.models import ChannelProfile
from rendering.orders.channels import compliance, profiles


class Command(DeskCommand):
    help = _("Show channels, add shipped ones, and show or pack what is ready for one.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["list", "add", "ready", "pack", "measure"])
        parser.add_argument("slug", nargs="?", default="")
        parser.add_argument("--to", default="", metavar="FILE", help=_("the archive that pack writes"))

    def report(self, *, verb: str, slug: str, to: str, **options: Any) -> Report:
        if verb == "list":
            return self._list()
        if not slug:
            raise UsageError(_("Name a channel."))
        if verb == "add":
            made = profiles.add(slug)
            return Report({"added": made.slug}, [_("{name} was added.").format(name=made)])
        (profile,) = profiles.profiles([slug])
        if verb == "ready":
            return self._ready(profile)
        if verb == "pack":
            return self._pack(profile, to)
        count = measuring.measure(profile)
        return Report({"measured": count}, [_("{count} files measured.").format(count=count)])

    def _list(self) -> Report:
        there = [
            {"channel": one.slug, "name": one.name, "added": True} for one in ChannelProfile.objects.all()
        ]
        more = [{"channel": one.slug, "name": one.name, "added": False} for one in profiles.to_add()]
        lines = [f"{one['channel']}  {one['name']}" for one in there]
        lines += [
            _("{slug}  {name} (shipped; not added)").format(slug=one["channel"], name=one["name"])
            for one in more
        ]
        return Report([*there, *more], lines)

    def _ready(self, profile: ChannelProfile) -> Report:
        found = compliance.Checker.of(profile).check(list(compliance.products_of(profile)))
        rows = [one.as_dict() for one in found]
        lines = [
            "  ".join(
                filter(None, (row["product"], file["output_type"], file["state"], file["name"], *file["why"]))
            )
            for row in rows
            for file in row["files"]
        ]
        ready = sum(one.is_ready for one in found)
        words = _("{ready} of {total} ready").format(ready=ready, total=len(found))
        document = {"channel": profile.slug, "ready": ready, "total": len(found), "products": rows}
        return Report(document, [*lines, words], DONE if ready == len(found) else FAILED)

    def _pack(self, profile: ChannelProfile, to: str) -> Report:
        target = Path(to or f"{profile.slug}.zip")
        wanted = archives.of_channel(profile, list(compliance.products_of(profile)))
        packing = archives.packed_for(profile, wanted)
        try:
            with target.open("xb") as file:
                for chunk in packing.chunks():
                    file.write(chunk)
        except OSError as error:
            raise UsageError(
                _("{path!r} can't be written ({error}). Name another file with --to.").format(
                    path=str(target), error=error.strerror
                )
            ) from error
        missing = [{"what": what, "why": why} for what, why in packing.missing]
        document = {"archive": str(target), "files": len(packing.entries), "missing": missing}
        lines = [_("{path}: {count} files").format(path=target, count=len(packing.entries))]
        lines += [f"{one['what']}: {one['why']}" for one in missing]
        return Report(document, lines, FAILED if missing else DONE)
