"""Show CAD files in several studio presets side by side."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext

from blender_scripts.contract import CAMERA_VIEWS
from blender_scripts.launch import BlenderError, SessionDied
from blender_scripts.presets import PRESETS
from media_assets import storage
from media_assets.cad.errors import CadError
from media_assets.models import Product
from rendering.farm import contact_sheet, warm
from rendering.farm.contact_sheet import COLUMNS, Sheet
from rendering.models.errors import JobError

SUFFIXES = (".webp", ".png", ".jpg")


class Command(BaseCommand):
    help = gettext(
        "Render CAD files in studio presets and lay the pictures out on one sheet. Nothing else is kept."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "products",
            nargs="+",
            help=gettext("CAD files or product numbers; FILE=CAPTION writes that below the row"),
        )
        studios = [name for name in COLUMNS if not PRESETS[name].is_panorama]
        parser.add_argument("--presets", nargs="+", choices=COLUMNS, default=studios)
        parser.add_argument("--view", choices=CAMERA_VIEWS, default="three_quarter")
        parser.add_argument("--size", type=int, default=384, help=gettext("of one picture in px"))
        parser.add_argument("--samples", type=int, default=96)
        parser.add_argument(
            "--out",
            type=Path,
            required=True,
            help=gettext("ends in {suffixes}").format(suffixes=", ".join(SUFFIXES)),
        )

    def handle(
        self,
        *,
        products: list[str],
        presets: list[str],
        view: str,
        size: int,
        samples: int,
        out: Path,
        **options: Any,
    ) -> None:
        if out.suffix not in SUFFIXES or not out.parent.is_dir():
            raise CommandError(
                gettext("--out must name a file in an existing folder and end in {suffixes}.").format(
                    suffixes=", ".join(SUFFIXES)
                )
            )
        if not 64 <= size <= 2048 or samples < 1:
            raise CommandError(gettext("--size must be 64 to 2048 px, and --samples 1 or more."))
        try:
            with ExitStack() as held:
                rows = [self.row(one, held) for one in products]
                contact_sheet.make(Sheet(rows, presets, size, samples, view), out, self.stdout.write)
        except (CadError, JobError, BlenderError, SessionDied, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            warm.drop()
        self.stdout.write(
            gettext("Written: {out} ({size} kB)").format(out=out, size=out.stat().st_size // 1000)
        )

    def row(self, words: str, held: ExitStack) -> tuple[Path, str]:
        """Return the CAD file, there while *held* is open, and the caption that one argument names."""
        name, _, caption = words.partition("=")
        path = Path(name)
        if path.is_file():
            return path, caption or path.stem
        product = Product.objects.filter(number=name, cad_file__isnull=False).first()
        if product is None or product.cad_file is None:
            raise CommandError(
                gettext("{name} is neither a CAD file nor the number of a product that has one.").format(
                    name=name
                )
            )
        return held.enter_context(storage.local_copy(product.cad_file.file)), caption or str(product)
