"""Import CAD files."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.db import DatabaseError
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from gpu.models import SystemSettings
from media_assets.cad.contract import Reading
from media_assets.formats import cad
from media_assets.ingest import receive
from media_assets.ingest.receive import Arrival
from media_assets.models import CadFile
from media_assets.storage import StorageError
from rendering.management.console import DONE, FAILED, DeskCommand, Report, UsageError, database_words


class Command(DeskCommand):
    help = _(
        "Import CAD files: each becomes a product's current CAD file, is converted, and gets its thumbnail."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("files", nargs="+", metavar="FILE")
        parser.add_argument(
            "--product", default="", metavar="NUMBER", help=_("product number (for one file)")
        )
        parser.add_argument("--name", default="", help=_("product name (for one file)"))
        parser.add_argument(
            "--unit",
            default="",
            choices=CadFile.Unit.values,
            help=_("length unit of {formats} files").format(
                formats=get_text_list(cad.without_unit(), _("and"))
            ),
        )
        parser.add_argument(
            "--code-page",
            default="",
            choices=CadFile.CodePage.values,
            help=_("code page of the names (detected automatically if left out)"),
        )
        parser.add_argument(
            "--look-first",
            action="store_true",
            help=_("render nothing by itself until somebody has looked at how the file was read"),
        )
        parser.add_argument(
            "--up",
            default="",
            choices=CadFile.Up.values,
            help=_("axis of the file that points up (Z, or Y for GLB, if left out)"),
        )

    def report(
        self,
        *,
        files: list[str],
        product: str,
        name: str,
        unit: str,
        code_page: str,
        up: str,
        look_first: bool,
        **options: Any,
    ) -> Report:
        if len(files) > 1 and (product or name):
            raise UsageError(_("--product and --name go with one file: import the files one by one."))
        row = SystemSettings.load()
        reading = Reading(code_page=code_page, unit=unit, up=up)
        arrivals = [
            arrival
            for path in files
            for arrival in take(path, product, name, reading, row, look_first=look_first)
        ]
        return Report(
            [arrival.as_dict() for arrival in arrivals],
            [describe(arrival) for arrival in arrivals],
            FAILED if any(arrival.error_code for arrival in arrivals) else DONE,
        )


def take(
    path: str, number: str, name: str, reading: Reading, row: SystemSettings, *, look_first: bool
) -> list[Arrival]:
    """Import one file; one that can't be taken is an arrival with an error, so that the others go on."""
    source = Path(path)
    try:
        if source.is_dir():
            return refused(
                source, "not_found", _("{path!r} is a folder: name the files in it.").format(path=path)
            )
        if source.exists() and not source.is_file():
            return refused(
                source, "not_readable", _("{path!r} is a device or a pipe: name a file.").format(path=path)
            )
        return receive.receive_all(
            source,
            source.name,
            number=number,
            product_name=name,
            reading=reading,
            look_first=look_first,
            max_bytes=row.upload_max_mb * 1_000_000,
            floor_bytes=row.disk_floor_mb * 1_000_000,
        )
    except FileNotFoundError:
        return refused(source, "not_found", _("There is no file {path!r}: check its name.").format(path=path))
    except PermissionError:
        return refused(
            source,
            "not_readable",
            _("This user may not read the file {path!r}: allow it to.").format(path=path),
        )
    except StorageError as error:
        return refused(source, error.code, str(error))
    except DatabaseError as error:
        return refused(source, "database", database_words(error))
    except OSError as error:
        return refused(
            source,
            "not_readable",
            _("{path!r} can't be read ({error}): check its name and its disk.").format(
                path=path, error=error.strerror
            ),
        )


def refused(source: Path, code: str, message: str) -> list[Arrival]:
    return [Arrival(receive.clean_name(source.name), "", None, None, False, code, message)]


def describe(arrival: Arrival) -> str:
    if arrival.error_code:
        return f"{arrival.name}: {arrival.error_code}: {arrival.error}"
    known = _(" (known already)") if arrival.duplicate else ""
    known += _(" (waits for a look)") if arrival.cad_file and arrival.cad_file.waits_for_look else ""
    return _("{name}: product {product}{known}").format(
        name=arrival.name, product=arrival.product.number if arrival.product else "-", known=known
    )
