"""A book as a web page: one HTML file that loads nothing from elsewhere, its pictures, and the parts list as CSV."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from rendering.pictures.book.contents import SVG, Contents

PAGE, LIST = "index.html", "parts.csv"
MADE = (1980, 1, 1, 0, 0, 0)  # the same book is the same bytes

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; color: #1d2125; background: #fff; margin: 0 auto; max-width: 70rem;
  padding: 1.5rem; }
h1 { margin: 0; } h2 { margin-top: 2.5rem; } .quiet { color: #596068; }
figure { margin: 1rem 0; } figure img { max-width: 100%; height: auto; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid #d8dbe0; vertical-align: middle; }
small { font-weight: 400; } td img { width: 6rem; height: 6rem; object-fit: contain; } .number { text-align: right; }
@media print { h2 { break-before: page; } tr { break-inside: avoid; } }
"""


def files(contents: Contents) -> dict[str, bytes]:
    """Return the files of the web page by their names, the page itself first."""
    places = _places(contents)
    found = {PAGE: _html(contents, places).encode(), LIST: _csv(contents).encode("utf-8-sig")}
    return found | {name: contents.data(key) for key, name in places.items()}


def write(contents: Contents) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, content in files(contents).items():
            info = zipfile.ZipInfo(name, MADE)
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return stream.getvalue()


def _places(contents: Contents) -> dict[str, str]:
    """Return the name of each file in the archive by its key: what it shows, counted."""
    found: dict[str, str] = {}
    for number, one in enumerate(contents.recipe["pages"], start=1):
        found.setdefault(one["file"], f"{one['role']}-{number}{contents.suffix(one['file'])}")
    for row in contents.recipe["parts"]:
        if row["file"]:
            found.setdefault(row["file"], f"parts/{row['number']:03}{contents.suffix(row['file'])}")
    return found


def _html(contents: Contents, places: Mapping[str, str]) -> str:
    recipe = contents.recipe
    words, product = recipe["words"], recipe["product"]
    name = product["name"] if product["name"] != product["number"] else ""
    return "\n".join(
        [
            f'<!doctype html>\n<html lang="{escape(recipe["language"])}">\n<head>\n<meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            f"<title>{escape(product['number'])} · {escape(words['title'])}</title>",
            f"<style>{STYLE}</style>\n</head>\n<body>",
            f"<h1>{escape(product['number'])}</h1>",
            f'<p class="quiet">{escape(" · ".join(filter(None, (name, words["title"]))))}</p>',
            *_figures(contents, places, "hero", is_titled=False),
            *_figures(contents, places, "exploded"),
            *_table(contents, places),
            *_figures(contents, places, "section"),
            *_figures(contents, places, "drawing"),
            "</body>\n</html>\n",
        ]
    )


def _figures(
    contents: Contents, places: Mapping[str, str], role: str, *, is_titled: bool = True
) -> Iterator[str]:
    for one in contents.pages(role):
        if is_titled:
            yield f"<h2>{escape(one['title'])}</h2>"
        name, title = escape(places[one["file"]]), escape(one["title"])
        if contents.is_picture(one["file"]) or contents.suffix(one["file"]) == SVG:
            yield f'<figure><img src="{name}" alt="{title}"></figure>'
        else:
            yield f'<p><a href="{name}">{title}</a></p>'


def _table(contents: Contents, places: Mapping[str, str]) -> Iterator[str]:
    words = contents.recipe["words"]
    if not contents.recipe["parts"]:
        return
    yield f'<h2>{escape(words["parts"])}</h2>\n<p><a href="{LIST}">CSV</a></p>\n<div class="scroll"><table>\n<tr>'
    for name in ("number", "picture", "part", "part_number", "count", "mass"):
        yield f'<th scope="col">{escape(words[name])}</th>'
    yield "</tr>"
    for row in contents.recipe["parts"]:
        picture = f'<img src="{escape(places[row["file"]])}" alt="" loading="lazy">' if row["file"] else ""
        more = ", ".join(filter(None, (row["material"], row["size"])))
        yield (
            f'<tr id="part-{row["number"]}"><td>{row["number"]}</td><td>{picture}</td>'
            f'<th scope="row">{escape(row["name"])}<br><small class="quiet">{escape(more)}</small></th>'
            f"<td>{escape(row['part_number'])}</td><td>{row['count']}</td><td>{escape(row['mass'])}</td></tr>"
        )
    yield "</table></div>"


def _csv(contents: Contents) -> str:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    fields: tuple[str, ...] = ("number", "name", "part_number", "count", "material", "size", "mass")
    writer.writerow(fields)
    for row in contents.recipe["parts"]:
        writer.writerow([_plain(row[name]) for name in fields])
    return stream.getvalue()


def _plain(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in "=+-@\t\r" and value else value
