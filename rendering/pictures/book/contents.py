"""What a book holds: its pictures and drawings out of the ZIP that the worker brings, and its parts list. Pure."""

from __future__ import annotations

import io
import math
import re
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from PIL import Image

from media_assets.cad.drawing.arcs import Arc
from rendering.pictures.paper import Curve, Paper, Point, Stroke

LARGEST_PX = 2000  # of a picture on paper: 300 dpi over its width
SMALL_PX = 360  # of a picture in the parts list
QUALITY = 88
SVG = ".svg"

_PATH = re.compile(r"([MLA])([^MLA]+)")


@dataclass
class Contents:
    """The files of a book by their recipe keys; pictures for paper are decoded once."""

    recipe: Mapping[str, Any]
    archive: zipfile.ZipFile
    names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, source: Path, recipe: Mapping[str, Any]) -> Contents:
        """Open the files. Raises ValueError where one of the recipe's is not among them, or OSError."""
        try:
            archive = zipfile.ZipFile(source)
        except zipfile.BadZipFile as error:
            raise ValueError(f"The files of the book can't be read: {error}.") from error
        found = cls(recipe, archive, {Path(name).stem: name for name in archive.namelist()})
        for one in (*recipe["pages"], *recipe["parts"]):
            if one["file"] and one["file"] not in found.names:
                raise ValueError("A file of the book is missing.")
        return found

    def pages(self, role: str) -> Sequence[Mapping[str, Any]]:
        """Return the pages with this role."""
        return [one for one in self.recipe["pages"] if one["role"] == role]

    def data(self, key: str) -> bytes:
        return self.archive.read(self.names[key])

    def suffix(self, key: str) -> str:
        return Path(self.names[key]).suffix

    def is_picture(self, key: str) -> bool:
        """Whether Pillow reads it."""
        return self.suffix(key) not in (SVG, ".pdf", ".dxf")

    def picture(self, key: str, longest: int) -> PaperPicture:
        """Return a picture for paper, on white. Raises ValueError or OSError."""
        with Image.open(io.BytesIO(self.data(key))) as opened:
            shown = opened.convert("RGBA")
        shown.thumbnail((longest, longest), Image.Resampling.LANCZOS)
        plain = Image.new("RGB", shown.size, "white")
        plain.paste(shown, mask=shown.getchannel("A"))
        stream = io.BytesIO()
        plain.save(stream, format="JPEG", quality=QUALITY, subsampling="4:4:4", optimize=True)
        return PaperPicture(stream.getvalue(), *plain.size)


@dataclass(frozen=True)
class PaperPicture:
    """A picture as JPEG in RGB, and its size in px."""

    jpeg: bytes
    width: int
    height: int


def drawing_on_paper(svg: bytes) -> Paper:
    """Return a drawing of ours (SVG) as a page. Raises ValueError."""
    try:
        root = ElementTree.fromstring(svg)  # noqa: S314 - a file of ours, in a confined process
    except ElementTree.ParseError as error:
        raise ValueError(f"The drawing can't be read: {error}.") from error
    width, height = (float(number) for number in root.attrib["viewBox"].split()[2:])
    page = Paper((width, height))
    for group in root.iter("{http://www.w3.org/2000/svg}g"):
        stroke = Stroke(
            float(group.attrib.get("stroke-width", 0)),
            int(group.attrib.get("stroke", "#000000")[1:3], 16) / 255,
            tuple(float(one) for one in group.attrib.get("stroke-dasharray", "").split()),
        )
        for path in group.iter("{http://www.w3.org/2000/svg}path"):
            _draw(page, path.attrib["d"], stroke)
        for text in group.iter("{http://www.w3.org/2000/svg}text"):
            x, y = float(text.attrib["x"]), height - float(text.attrib["y"])
            page.write(x, y, text.text or "", float(text.attrib["font-size"]))
    return page


def _draw(page: Paper, path: str, stroke: Stroke) -> None:
    """Draw a path as our drawings have it: a line, or an arc in one or two pieces (`drawings.vector`)."""
    points: list[Point] = []
    curves: list[Curve] = []
    for command, said in _PATH.findall(path):
        *round_one, x, y = (float(number) for number in said.split())
        points.append((x, page.size[1] - y))
        if command == "A":
            wide, high, turned = round_one[:3]
            curves += Arc.between(points[-2], points[-1], wide, high, -math.radians(turned)).curves()
    if curves:
        page.curve(curves, stroke)
    else:
        page.line(points, stroke)
