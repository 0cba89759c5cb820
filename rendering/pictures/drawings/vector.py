"""A sheet as SVG, PDF and DXF: lines and letters alone, so each is a short text. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from media_assets.cad.drawing.arcs import Arc
from rendering.pictures.drawings.sheet import HEIGHT, WIDTH, DrawingSheet, Line, Point
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


FINE = 0.005
"""mm of paper: how far lines may be from the ellipse that they stand for."""


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
    if isinstance(line, Arc):
        return _arc_path(line)
    return "M" + "L".join(f"{x:.3f} {HEIGHT - y:.3f}" for x, y in line)


def _arc_path(arc: Arc) -> str:
    """Return an arc as such; one of more than half a turn as two, as SVG has none of a full turn."""
    wide, high = math.hypot(*arc.major), math.hypot(*arc.minor)
    turned = 0.0 if arc.is_circular else -math.degrees(math.atan2(arc.major[1], arc.major[0]))
    count = 2 if arc.end - arc.start > math.pi else 1
    ends = [arc.at(arc.start + (arc.end - arc.start) * number / count) for number in range(count + 1)]
    (x, y), *more = [(x, HEIGHT - y) for x, y in ends]
    turns = "".join(f"A{wide:.3f} {high:.3f} {turned:.3f} 0 0 {x:.3f} {y:.3f}" for x, y in more)
    return f"M{x:.3f} {y:.3f}{turns}"


def on_paper(sheet: DrawingSheet) -> Paper:
    """Return the sheet as a page."""
    page = Paper((WIDTH, HEIGHT))
    for layer, pen in PENS.items():
        stroke = Stroke(pen.width, pen.gray, pen.dashes)
        for line in sheet.lines.get(layer, ()):
            if isinstance(line, Arc):
                page.curve(line.curves(), stroke)
            else:
                page.line(line, stroke)
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
            pairs += _dxf_arc(line, layer) if isinstance(line, Arc) else _dxf_line(line, layer)
    for (x, y), height, text in sheet.texts:
        pairs += [(0, "TEXT"), (8, "text"), (10, f"{x:.4f}"), (20, f"{y:.4f}"), (30, "0.0"), (40, height)]
        pairs += [(1, text)]
    pairs += [(0, "ENDSEC"), (0, "EOF")]
    return "".join(f"{code}\n{value}\n" for code, value in pairs).encode("cp1252", "replace")


def _dxf_line(points: Iterable[Point], layer: str) -> list[tuple[int, object]]:
    pairs: list[tuple[int, object]] = [(0, "POLYLINE"), (8, layer), (66, 1), (70, 0)]
    for x, y in points:
        pairs += [(0, "VERTEX"), (8, layer), *_dxf_point(x, y)]
    return [*pairs, (0, "SEQEND"), (8, layer)]


def _dxf_arc(arc: Arc, layer: str) -> list[tuple[int, object]]:
    """Return a circle or an arc of one; DXF R12 knows no ellipses, which are lines there."""
    if not arc.is_circular:
        return _dxf_line(arc.points(FINE), layer)
    round_one = [(8, layer), *_dxf_point(*arc.center), (40, f"{math.hypot(*arc.major):.4f}")]
    if arc.is_full:
        return [(0, "CIRCLE"), *round_one]
    start, end = (math.degrees(turn) % 360 for turn in (arc.start, arc.end))
    return [(0, "ARC"), *round_one, (50, f"{start:.5f}"), (51, f"{end:.5f}")]


def _dxf_point(x: float, y: float) -> list[tuple[int, object]]:
    return [(10, f"{x:.4f}"), (20, f"{y:.4f}"), (30, "0.0")]


WRITERS: Mapping[str, Callable[[DrawingSheet, Mapping[str, str]], bytes]] = {
    "svg": as_svg,
    "pdf": as_pdf,
    "dxf": as_dxf,
}
