"""A sheet as SVG, PDF and DXF: lines and letters alone, so each is a short text. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from rendering.pictures.drawings.sheet import HEIGHT, WIDTH, DrawingSheet, Line
from rendering.pictures.paper import Paper, Stroke, document


@dataclass(frozen=True)
class Pen:
    """How a layer is drawn: width and dashes in mm, gray from 0 (black); the color number and line type of DXF."""

    width: float
    gray: float = 0.0
    dashes: tuple[float, ...] = ()
    color: int = 7
    line_type: str = "CONTINUOUS"


PENS: Mapping[str, Pen] = {
    "hidden": Pen(0.18, 0.45, (1.6, 0.9), 8, "HIDDEN"),
    "center": Pen(0.15, 0.35, (6.0, 1.2, 1.2, 1.2), 1, "CENTER"),
    "smooth": Pen(0.13, 0.55, (), 9),
    "visible": Pen(0.35),
    "dimensions": Pen(0.18, 0.0, (), 3),
    "frame": Pen(0.25),
}
"""By layer, from the lowest to the uppermost (ISO 128-2: wide lines are twice as wide as narrow ones)."""


def as_svg(sheet: DrawingSheet, about: Mapping[str, str]) -> bytes:
    """Return the sheet as SVG with one group a layer; y runs downward there."""
    groups = []
    for layer, pen in PENS.items():
        shade = f"#{round(255 * pen.gray):02x}" + f"{round(255 * pen.gray):02x}" * 2
        dashes = f' stroke-dasharray="{" ".join(map(str, pen.dashes))}"' if pen.dashes else ""
        paths = "\n".join(f'<path d="{_path(line)}"/>' for line in sheet.lines.get(layer, ()))
        groups.append(
            f'<g id="{layer}" fill="none" stroke="{shade}" stroke-width="{pen.width}" stroke-linecap="round"'
            f' stroke-linejoin="round"{dashes}>\n{paths}\n</g>'
        )
    words = "\n".join(
        f'<text x="{x:.2f}" y="{HEIGHT - y:.2f}" font-size="{height:g}">{escape(text)}</text>'
        for (x, y), height, text in sheet.texts
    )
    described = " ".join(f"{name}: {value};" for name, value in about.items())
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}mm" height="{HEIGHT:g}mm" '
        f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}">\n<title>{escape(sheet.title)}</title>\n'
        f"<desc>{escape(described)}</desc>\n"
        '<rect width="100%" height="100%" fill="#fff"/>\n'
        + "\n".join(groups)
        + f'\n<g id="text" font-family="Helvetica, Arial, sans-serif">\n{words}\n</g>\n</svg>\n'
    ).encode()


def _path(line: Line) -> str:
    return "M" + "L".join(f"{x:.3f} {HEIGHT - y:.3f}" for x, y in line)


def on_paper(sheet: DrawingSheet) -> Paper:
    """Return the sheet as a page."""
    page = Paper((WIDTH, HEIGHT))
    for layer, pen in PENS.items():
        for line in sheet.lines.get(layer, ()):
            page.line(line, Stroke(pen.width, pen.gray, pen.dashes))
    for (x, y), height, text in sheet.texts:
        page.write(x, y, text, height)
    return page


def as_pdf(sheet: DrawingSheet, about: Mapping[str, str]) -> bytes:
    """Return the sheet as PDF with one page."""
    return document([on_paper(sheet)], sheet.title, about)


def as_dxf(sheet: DrawingSheet, about: Mapping[str, str]) -> bytes:
    """Return the sheet as DXF R12, which every CAD program reads, with one layer for each of its own; mm of paper."""
    pairs: list[tuple[int, object]] = [(999, f"{name}: {value}") for name, value in about.items()]
    pairs += [(0, "SECTION"), (2, "HEADER"), (9, "$ACADVER"), (1, "AC1009"), (0, "ENDSEC")]
    pairs += [(0, "SECTION"), (2, "TABLES"), (0, "TABLE"), (2, "LTYPE"), (70, 3)]
    for name, dashes in (("CONTINUOUS", ()), ("HIDDEN", (1.6, -0.9)), ("CENTER", (6.0, -1.2, 1.2, -1.2))):
        pairs += [(0, "LTYPE"), (2, name), (70, 0), (3, ""), (72, 65), (73, len(dashes))]
        pairs += [(40, sum(map(abs, dashes))), *((49, dash) for dash in dashes)]
    pairs += [(0, "ENDTAB"), (0, "TABLE"), (2, "LAYER"), (70, len(PENS) + 1)]
    for layer, pen in (*PENS.items(), ("text", Pen(0.25))):
        pairs += [(0, "LAYER"), (2, layer), (70, 0), (62, pen.color), (6, pen.line_type)]
    pairs += [(0, "ENDTAB"), (0, "ENDSEC"), (0, "SECTION"), (2, "ENTITIES")]
    for layer in PENS:
        for line in sheet.lines.get(layer, ()):
            pairs += [(0, "POLYLINE"), (8, layer), (66, 1), (70, 0)]
            for x, y in line:
                pairs += [(0, "VERTEX"), (8, layer), (10, f"{x:.4f}"), (20, f"{y:.4f}"), (30, "0.0")]
            pairs += [(0, "SEQEND"), (8, layer)]
    for (x, y), height, text in sheet.texts:
        pairs += [(0, "TEXT"), (8, "text"), (10, f"{x:.4f}"), (20, f"{y:.4f}"), (30, "0.0"), (40, height)]
        pairs += [(1, text)]
    pairs += [(0, "ENDSEC"), (0, "EOF")]
    return "".join(f"{code}\n{value}\n" for code, value in pairs).encode("cp1252", "replace")


WRITERS: Mapping[str, Callable[[DrawingSheet, Mapping[str, str]], bytes]] = {
    "svg": as_svg,
    "pdf": as_pdf,
    "dxf": as_dxf,
}
