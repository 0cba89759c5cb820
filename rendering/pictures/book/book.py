"""Spare-parts books: other files of a product bound together, as PDF and as a web page, and read back."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from rendering.pictures.book import pages, web
from rendering.pictures.book.contents import Contents
from rendering.pictures.gate import Concern, GateError

POSTER_PX = 256
_PAGE = re.compile(rb"/Type /Page\s")


def write(source: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write the book of the files in the ZIP *source*, and its small picture. Raises ValueError or OSError."""
    contents = Contents.of(source, recipe)
    if recipe["format"] == "pdf":
        credit = recipe.get("credit", {}).get("creator", "")
        said = {
            "Creator": "Renderdesk",
            "Recipe": about["recipe_key"],
            **({"Author": credit} if credit else {}),
        }
        target.write_bytes(pages.as_pdf(contents, said))
    else:
        target.write_bytes(web.write(contents))
    shown = [one for one in recipe["pages"] if contents.is_picture(one["file"])]
    if shown:
        picture = contents.picture(shown[0]["file"], POSTER_PX)
        small = Image.new("RGB", (POSTER_PX, POSTER_PX), "white")
        small.paste(
            Image.open(io.BytesIO(picture.jpeg)),
            ((POSTER_PX - picture.width) // 2, (POSTER_PX - picture.height) // 2),
        )
        small.save(about["poster"], format="WEBP", quality=90, method=4)


def check(source: Path, target: Path, recipe: Mapping[str, Any]) -> tuple[dict[str, Any], list[Concern]]:
    """Return what a written book holds. Raises GateError unless all that was ordered is in it."""
    contents = Contents.of(source, recipe)
    measured = {"parts": len(recipe["parts"])}
    if recipe["format"] == "pdf":
        content = target.read_bytes()
        count, wanted = len(_PAGE.findall(content)), len(pages.laid_out(contents).pages)
        if not content.endswith(b"%%EOF\n") or count != wanted:
            raise GateError("damaged", error="pdf")
        return {**measured, "pages": count}, []
    try:
        with zipfile.ZipFile(target) as archive:
            if archive.testzip() is not None or archive.namelist() != list(web.files(contents)):
                raise GateError("damaged", error="zip")
    except zipfile.BadZipFile as error:
        raise GateError("damaged", error=str(error)) from error
    return measured, []
