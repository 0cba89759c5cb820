"""Show the ingest report of a CAD file."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from media_assets.ingest.report import Summary, document, summarize
from media_assets.ingest.text import visible
from media_assets.models import CadFile, Product
from rendering.management.console import DeskCommand, Report, UsageError

SHORTEST_HASH = 8  # digits of a SHA-256 that name a file well enough to be looked for


class Command(DeskCommand):
    help = _("Show the ingest report of a CAD file: the file, its contents and the result, warnings first.")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "cad_file",
            metavar="ID|SHA256|PRODUCT",
            help=_("a product's number, else the id of a CAD file, else the beginning of its SHA-256"),
        )

    def report(self, *, cad_file: str, **options: Any) -> Report:
        found = find(cad_file)
        return Report(document(found), list(text(found, summarize(found.report))))


def find(name: str) -> CadFile:
    """Return the CAD file of a product's number, of an id, or of a SHA-256's first digits. Raises UsageError."""
    product = Product.objects.select_related("cad_file").filter(number=name).first()
    if product is not None:
        if product.cad_file is None:
            raise UsageError(
                _("Product {name!r} has no CAD file yet. Import one with 'manage.py import_cad'.").format(
                    name=name
                )
            )
        return product.cad_file
    files = CadFile.objects.none()
    if name.isdecimal() and len(name) < 19:
        files = CadFile.objects.filter(pk=int(name))
    if not files and re.fullmatch(f"[0-9a-fA-F]{{{SHORTEST_HASH},64}}", name):
        files = CadFile.objects.filter(sha256__startswith=name.lower())
    if len(files) > 1:
        raise UsageError(
            _("{count} CAD files begin with {name!r}: give more digits of the SHA-256.").format(
                count=len(files), name=name
            )
        )
    if not files:
        raise UsageError(
            _(
                "There is no product, no CAD file's id and no SHA-256 {name!r}. Give one of them; of a "
                "SHA-256 at least {least} digits."
            ).format(name=name, least=SHORTEST_HASH)
        )
    return files[0]


def text(cad_file: CadFile, summary: Summary) -> Iterator[str]:
    """Yield the report for people, line by line."""
    yield _("{original_name} (CAD file {number}, {state})").format(
        original_name=cad_file.original_name, number=cad_file.pk, state=cad_file.get_state_display().lower()
    )
    if cad_file.error_code:
        yield f"  {cad_file.error_code}: {visible(cad_file.error)}"
    for warning in summary.warnings:
        yield f"  ! {visible(str(warning.get('message', '')))}"
        yield from (f"      {visible(line)}" for line in str(warning.get("details") or "").splitlines())
    for group in summary.groups:
        yield group.title
        for fact in group.facts:
            yield f"  {'!' if fact.is_bad else ' '} {fact.name:<18}{fact.value}"
    if summary.stages:
        peak = _(", at most {peak:.0f} MB").format(peak=summary.peak_mb) if summary.peak_mb else ""
        yield _("Stages: {seconds:.2f} s{peak}").format(seconds=summary.seconds, peak=peak)
        for stage in summary.stages:
            memory = _("{peak:8.0f} MB").format(peak=stage.peak_mb) if stage.peak_mb else ""
            yield f"    {stage.name:<26}{stage.seconds:8.2f} s{memory}"
