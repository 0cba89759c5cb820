"""Show an asset, or write its file to a place of your choice."""

from __future__ import annotations

import shutil
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from media_assets import storage
from media_assets.models import MediaAsset
from media_assets.serving.links import asset_name
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError, fetch, row_id
from rendering.orders.documents import asset_document


class Command(DeskCommand):
    help = _("Show an asset, or fetch its file.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("verb", choices=["show", "fetch"])
        parser.add_argument("id", type=row_id)
        parser.add_argument(
            "--to", type=Path, default=Path(), metavar="PATH", help=_("folder or file (default: here)")
        )

    def report(self, *, verb: str, id: int, to: Path, **options: Any) -> Report:
        asset = MediaAsset.objects.select_related("product").filter(pk=id).first()
        if asset is None:
            raise UsageError(_("There is no asset {id}.").format(id=id))
        if verb == "show":
            fetch(asset)
            document = asset_document(asset) | {"recipe": asset.recipe}
            return Report(document, [f"{key}: {value}" for key, value in document.items()])
        if asset.pruned or storage.is_lost(asset.file):
            words = _("The file of asset {id} is no longer there: order it again.").format(id=id)
            return self.problem("source_missing", words, FAILED)
        target = to / asset_name(asset) if to.is_dir() else to
        try:
            with storage.open_stored(asset.file) as source, target.open("wb") as out:
                shutil.copyfileobj(source, out)
        except OSError as error:
            words = _("{path} can't be written: {reason}.").format(path=target, reason=error.strerror)
            return self.problem("not_written", words, FAILED)
        MediaAsset.objects.use([asset])
        return Report(asset_document(asset) | {"written": str(target)}, [str(target)], DONE)
