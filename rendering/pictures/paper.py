"""Pages of lines, words and pictures as PDF, in millimeters from the lower left corner. ReportLab writes them.

Words are in Helvetica, which every reader of PDF has; those with letters that it lacks are in the reader's own font for
Chinese, which has most others too.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from reportlab import rl_config
from reportlab.lib.units import mm
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

A4 = (210.0, 297.0)
PLAIN, BOLD, CHINESE = "Helvetica", "Helvetica-Bold", "STSong-Light"
pdfmetrics.registerFont(UnicodeCIDFont(CHINESE))
rl_config.useA85 = 0  # letters in place of bytes take a quarter more

Point = tuple[float, float]
Curve = tuple[Point, Point, Point, Point]


@dataclass(frozen=True)
class Stroke:
    """How a line is drawn: width and dashes in mm, gray from 0 (black)."""

    width: float
    gray: float = 0.0
    dashes: tuple[float, ...] = ()

    def apply(self, canvas: Canvas) -> None:
        """Draw what comes next with it."""
        canvas.setStrokeGray(self.gray)
        canvas.setLineWidth(self.width)
        canvas.setDash(list(self.dashes))


@dataclass
class Paper:
    """One page of this size (mm), and what is drawn on it in turn."""

    size: tuple[float, float] = A4
    drawn: list[Callable[[Canvas], None]] = field(default_factory=list)

    def write(self, x: float, y: float, words: str, height: float = 3.2, *, bold: bool = False) -> None:
        """Write one line of words from a place on; `height` is the size of the letters."""

        def draw(canvas: Canvas) -> None:
            canvas.setFillGray(0)
            canvas.setFont(_font(words, bold), height)
            canvas.drawString(x, y, words)

        self.drawn.append(draw)

    def line(self, points: Sequence[Point], stroke: Stroke) -> None:
        """Draw a line through these places."""

        def draw(canvas: Canvas) -> None:
            stroke.apply(canvas)
            path = canvas.beginPath()
            path.moveTo(*points[0])
            for point in points[1:]:
                path.lineTo(*point)
            canvas.drawPath(path)

        self.drawn.append(draw)

    def curve(self, curves: Sequence[Curve], stroke: Stroke) -> None:
        """Draw cubic Bézier curves, each from where the one before ended."""

        def draw(canvas: Canvas) -> None:
            stroke.apply(canvas)
            path = canvas.beginPath()
            path.moveTo(*curves[0][0])
            for _, first, second, end in curves:
                path.curveTo(*first, *second, *end)
            canvas.drawPath(path)

        self.drawn.append(draw)

    def place(self, jpeg: bytes, x: float, y: float, width: float, height: float) -> None:
        """Show a picture (JPEG in RGB) in this box."""
        self.drawn.append(lambda canvas: canvas.drawImage(ImageReader(io.BytesIO(jpeg)), x, y, width, height))

    def inset(self, page: Paper, x: float, y: float, scale: float) -> None:
        """Draw another page on this one, its lower left corner at a place."""

        def draw(canvas: Canvas) -> None:
            canvas.saveState()
            canvas.translate(x, y)
            canvas.scale(scale, scale)
            for one in page.drawn:
                one(canvas)
            canvas.restoreState()

        self.drawn.append(draw)


def fitted(words: str, width: float, height: float) -> str:
    """Return *words* cut to what fits into this width (mm) at this height of letters."""
    if _width(words, height) <= width:
        return words
    shown = words
    while len(shown) > 1 and _width(f"{shown}…", height) > width:
        shown = shown[:-1]
    return f"{shown}…"


def _width(words: str, height: float) -> float:
    return float(pdfmetrics.stringWidth(words, _font(words, bold=True), height))


def _font(words: str, bold: bool) -> str:
    try:
        words.encode("cp1252")
    except UnicodeEncodeError:
        return CHINESE
    return BOLD if bold else PLAIN


def document(pages: Sequence[Paper], title: str, about: Mapping[str, str]) -> bytes:
    """Return the pages as PDF 1.4: the same pages are the same bytes. *about*: creator, author, recipe."""
    stream = io.BytesIO()
    canvas = Canvas(stream, pdfVersion=(1, 4), invariant=True, pageCompression=1)
    canvas.setTitle(title)
    canvas.setCreator(about["Creator"])
    canvas.setAuthor(about.get("Author", ""))
    canvas.setKeywords([f"recipe {about['Recipe']}"])
    for page in pages:
        canvas.setPageSize(tuple(side * mm for side in page.size))
        canvas.scale(mm, mm)
        canvas.setLineCap(1)
        canvas.setLineJoin(1)
        for draw in page.drawn:
            draw(canvas)
        canvas.showPage()
    canvas.save()
    return stream.getvalue()
