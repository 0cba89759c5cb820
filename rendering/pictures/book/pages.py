"""Lays a book out on paper: the product, its exploded views, the parts list with pictures, sections, drawings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rendering.pictures.book.contents import LARGEST_PX, SMALL_PX, SVG, Contents, drawing_on_paper
from rendering.pictures.paper import A4, Paper, Stroke, document, fitted

MARGIN, FOOT = 18.0, 12.0
ROW, THUMB = 24.0, 21.0
COLUMNS = (
    ("number", 18.0, 14.0),
    ("picture", 32.0, 24.0),
    ("part", 58.0, 58.0),
    ("part_number", 118.0, 34.0),
    ("count", 154.0, 14.0),
    ("mass", 170.0, 22.0),
)
"""Of the parts list: their place and their width in mm."""

LANDSCAPE = (A4[1], A4[0])
LEVEL = 0.7  # gray of the lines between rows


@dataclass
class Laid:
    """The pages of a book."""

    contents: Contents
    pages: list[Paper] = field(default_factory=list)

    @property
    def recipe(self) -> Mapping[str, Any]:
        return self.contents.recipe

    @property
    def words(self) -> Mapping[str, str]:
        return dict(self.recipe["words"])

    def page(self, title: str, size: tuple[float, float] = A4) -> Paper:
        one = Paper(size)
        one.write(MARGIN, size[1] - MARGIN, fitted(title, size[0] - 2 * MARGIN, 5.5), 5.5, bold=True)
        self.pages.append(one)
        return one

    def show(self, one: Paper, key: str, box: tuple[float, float, float, float], longest: int) -> None:
        """Show a picture in the middle of a box: left, low, width, height."""
        picture = self.contents.picture(key, longest)
        left, low, width, height = box
        share = min(width / picture.width, height / picture.height)
        across, up = picture.width * share, picture.height * share
        one.place(picture.jpeg, left + (width - across) / 2, low + (height - up) / 2, across, up)


def laid_out(contents: Contents) -> Laid:
    """Return the book on paper. Raises ValueError or OSError for a file that can't be read."""
    laid = Laid(contents)
    _pictures(laid, "hero", is_title=True)
    _pictures(laid, "exploded")
    _parts(laid, contents.recipe["parts"])
    _pictures(laid, "section")
    for one in contents.pages("drawing"):
        _drawing(laid, one)
    for number, page in enumerate(laid.pages, start=1):
        foot = f"{contents.recipe['product']['number']}   {number} / {len(laid.pages)}"
        page.write(MARGIN, FOOT - 2, foot, 2.8)
    return laid


def as_pdf(contents: Contents, about: Mapping[str, str]) -> bytes:
    laid = laid_out(contents)
    return document(laid.pages, _title(contents.recipe), about)


def _title(recipe: Mapping[str, Any]) -> str:
    product = recipe["product"]
    return " ".join(dict.fromkeys(filter(None, (product["number"], product["name"]))))


def _pictures(laid: Laid, role: str, *, is_title: bool = False) -> None:
    """Give each picture of a role a page; the first has the title of the book, which there is in any case."""
    shown = [one for one in laid.contents.pages(role) if laid.contents.is_picture(one["file"])]
    if is_title:
        page = laid.page(_title(laid.recipe))
        top = A4[1] - MARGIN - 10
        page.write(MARGIN, top, laid.words["title"], 4.0)
        for one in shown[:1]:
            _fill(laid, page, one, top - 8)
        shown = shown[1:]
    for one in shown:
        _fill(laid, laid.page(one["title"]), one, A4[1] - MARGIN - 8)


def _fill(laid: Laid, page: Paper, one: Mapping[str, Any], top: float) -> None:
    """Show a picture as large as the page below *top* (mm) takes it."""
    low = MARGIN + FOOT
    laid.show(page, one["file"], (MARGIN, low, A4[0] - 2 * MARGIN, top - low), LARGEST_PX)


def _parts(laid: Laid, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write the parts list, as many rows on a page as fit."""
    page, y = None, 0.0
    for row in rows:
        if page is None or y - ROW < MARGIN + FOOT / 2:
            page = laid.page(laid.words["parts"])
            y = A4[1] - MARGIN - 12
            for name, x, width in COLUMNS:
                page.write(x, y, fitted(laid.words[name], width, 2.8), 2.8, bold=True)
            y -= 3
            page.line([(MARGIN, y), (A4[0] - MARGIN, y)], Stroke(0.3, LEVEL))
        y -= ROW
        _row(laid, page, row, y)
        page.line([(MARGIN, y), (A4[0] - MARGIN, y)], Stroke(0.15, LEVEL))


def _row(laid: Laid, page: Paper, row: Mapping[str, Any], y: float) -> None:
    places = {name: (x, width) for name, x, width in COLUMNS}
    middle = y + ROW / 2 - 1
    if row["file"] and laid.contents.is_picture(row["file"]):
        laid.show(page, row["file"], (places["picture"][0], y + (ROW - THUMB) / 2, THUMB, THUMB), SMALL_PX)
    for name, words in (
        ("number", str(row["number"])),
        ("part", row["name"]),
        ("part_number", row["part_number"]),
        ("count", str(row["count"])),
        ("mass", row["mass"]),
    ):
        x, width = places[name]
        page.write(x, middle + (2 if name == "part" else 0), fitted(words, width, 3.2))
    if more := ", ".join(filter(None, (row["material"], row["size"]))):
        x, width = places["part"]
        page.write(x, middle - 3, fitted(more, width, 2.6), 2.6)


def _drawing(laid: Laid, one: Mapping[str, Any]) -> None:
    """Draw a drawing as it is, in lines, on a page across."""
    if laid.contents.suffix(one["file"]) != SVG:
        return
    drawing = drawing_on_paper(laid.contents.data(one["file"]))
    page = laid.page(one["title"], LANDSCAPE)
    room = (LANDSCAPE[0] - 2 * MARGIN, LANDSCAPE[1] - 2 * MARGIN - FOOT)
    scale = min(room[0] / drawing.size[0], room[1] / drawing.size[1])
    page.inset(drawing, (LANDSCAPE[0] - drawing.size[0] * scale) / 2, FOOT + 4, scale)
