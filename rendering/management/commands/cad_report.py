"""Show the ingest report of a CAD file."""

from __future__ import annotations

import re
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from media_assets.ingest.report import Summary, document, summarize
from media_assets.ingest.text import visible
from media_assets.models import CadFile, Product
from rendering.management.console import DeskCommand, Report, UsageError

SHORTEST_HASH = 8  # digits of a SHA-256 that name a file well enough to be looked for


class Command(DeskCommand):
    help = (
        "Show the ingest report of a CAD file: what came, what is in it, what became of it, warnings first."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "cad_file",
            metavar="ID|SHA256|PRODUCT",
            help="a product's number, else the id of a CAD file, else the begin of its SHA-256",
        )

    def report(self, *, cad_file: str, **options: Any) -> Report:
        found = find(cad_file)
        return Report(document(found), list(text(found, summarize(found.report))))


def find(name: str) -> CadFile:
    """Return the CAD file of a product's number, of an id, or of a SHA-256's first digits. Raises UsageError."""
    product = Product.objects.select_related("cad_file").filter(number=name).first()
    if product is not None:
        if product.cad_file is None:
            raise UsageError(f"Product {name!r} has no CAD file yet. Import one with 'manage.py import_cad'.")
        return product.cad_file
    files = CadFile.objects.none()
    if name.isdecimal() and len(name) < 19:
        files = CadFile.objects.filter(pk=int(name))
    if not files and re.fullmatch(f"[0-9a-fA-F]{{{SHORTEST_HASH},64}}", name):
        files = CadFile.objects.filter(sha256__startswith=name.lower())
    if len(files) > 1:
        raise UsageError(f"{len(files)} CAD files begin with {name!r}: give more digits of the SHA-256.")
    if not files:
        raise UsageError(
            f"There is no product, no CAD file's id and no SHA-256 {name!r}. "
            f"Give one of them; of a SHA-256 at least {SHORTEST_HASH} digits."
        )
    return files[0]


def text(cad_file: CadFile, summary: Summary) -> Iterator[str]:
    """Yield the report for people, line by line."""
    yield f"{cad_file.original_name} (CAD file {cad_file.pk}, {cad_file.get_state_display().lower()})"
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
        peak = f", at most {summary.peak_mb:.0f} MB" if summary.peak_mb else ""
        yield f"How it went: {summary.seconds:.2f} s{peak}"
        for stage in summary.stages:
            memory = f"{stage.peak_mb:8.0f} MB" if stage.peak_mb else ""
            yield f"    {stage.name:<26}{stage.seconds:8.2f} s{memory}"
