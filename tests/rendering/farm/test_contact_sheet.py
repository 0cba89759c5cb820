"""The contact sheet: CAD files down, presets across, from the command line to the picture."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from tests import factories
from tests.paths import SAMPLE

pytestmark = [pytest.mark.django_db, pytest.mark.blender]


def test_a_sheet_has_a_row_for_each_file_and_a_column_for_each_preset(tmp_path: Path, capsys: object) -> None:
    out = tmp_path / "sheet.webp"
    call_command(
        "contact_sheet",
        f"{SAMPLE}=Our bearing",
        presets=["softbox", "dark"],
        size=64,
        samples=2,
        out=out,
    )
    with Image.open(out) as sheet:
        width, height = sheet.size
        assert width > 2 * 64 and height > 64
        light, dark = (sheet.convert("L").getpixel((x, 40)) for x in (16, 16 + 76))
    assert light > 240 > 100 > dark  # type: ignore[operator]


@pytest.mark.parametrize(
    ("words", "options", "reason"),
    [
        ("nothing.step", {}, "neither a CAD file nor the number"),
        (str(SAMPLE), {"out": Path("sheet.gif")}, "end in .webp"),
        (str(SAMPLE), {"size": 9}, "64 to 2048"),
    ],
)
def test_what_cannot_be_done_is_said_before_anything_is_rendered(
    tmp_path: Path, words: str, options: dict[str, object], reason: str
) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("contact_sheet", words, **{"out": tmp_path / "a.webp", **options})


def test_a_file_that_is_no_cad_is_told(tmp_path: Path) -> None:
    product = factories.product(number="P-77")
    with pytest.raises(CommandError):
        call_command("contact_sheet", product.number, out=tmp_path / "a.webp")
