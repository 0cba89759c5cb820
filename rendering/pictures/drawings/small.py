"""A sheet as a small picture, for lists: of its lines alone, as nobody could read its letters."""

from __future__ import annotations

from PIL import Image, ImageDraw

from media_assets.cad.drawing.arcs import Arc
from rendering.pictures.drawings.sheet import HEIGHT, WIDTH, DrawingSheet
from rendering.pictures.drawings.vector import PENS

POSTER_PX = 512  # wide
SCALE = 3 * POSTER_PX / WIDTH  # px for each mm of paper, before it is made small: so lines are smooth


def small(sheet: DrawingSheet) -> Image.Image:
    """Return the sheet in shades of gray."""
    shown = Image.new("L", (round(WIDTH * SCALE), round(HEIGHT * SCALE)), 255)
    drawing = ImageDraw.Draw(shown)
    for layer, pen in PENS.items():
        for line in sheet.lines.get(layer, ()):
            points = line.points(1 / SCALE) if isinstance(line, Arc) else line
            places = [(x * SCALE, (HEIGHT - y) * SCALE) for x, y in points]
            width = round(2 * pen.width * SCALE)  # wide enough to be seen
            drawing.line(places, round(255 * pen.gray), width)
    shown.thumbnail((POSTER_PX, POSTER_PX), Image.Resampling.LANCZOS)
    return shown
