"""Pages of pictures, lines and words as PDF 1.4, in millimeters from the lower left corner. Pure.

Words are in Helvetica, which every reader of PDF has; those with letters that it lacks are in the reader's own font for
Chinese, which has most others too.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

from rendering.pictures.pdf import escaped, pdf_of

POINTS = 72 / 25.4  # in a mm
A4 = (210.0, 297.0)

_WIDTHS = {"i": 0.22, "l": 0.22, "j": 0.22, "t": 0.28, "f": 0.28, "r": 0.33, " ": 0.28, ".": 0.28, ",": 0.28}
"""Of narrow letters in Helvetica, in heights of the letters; others are taken as wide, so that nothing overlaps."""
_WIDE = 0.6


@dataclass
class Paper:
    """One page of this size (mm): what is drawn on it, and the numbers of the pictures that it shows."""

    size: tuple[float, float] = A4
    drawn: list[str] = field(default_factory=list)
    pictures: set[int] = field(default_factory=set)

    def write(self, x: float, y: float, words: str, height: float = 3.2, *, bold: bool = False) -> None:
        """Write one line of words from a place on; `height` is the size of the letters."""
        try:
            text = words.encode("cp1252").decode("latin-1")
            font, shown = ("F2" if bold else "F1"), f"({escaped(text)})"
        except UnicodeEncodeError:
            font, shown = "F3", f"<{words.encode('utf-16-be').hex()}>"
        self.drawn.append(f"BT /{font} {height:g} Tf 0 g {x:.2f} {y:.2f} Td {shown} Tj ET")

    def line(self, x: float, y: float, right: float, width: float = 0.15) -> None:
        """Draw a level line."""
        self.drawn.append(f"0.7 G {width:g} w [] 0 d {x:.2f} {y:.2f} m {right:.2f} {y:.2f} l S")

    def place(self, number: int, x: float, y: float, width: float, height: float) -> None:
        """Show a picture of the document in this box."""
        self.pictures.add(number)
        self.drawn.append(f"q {width:.3f} 0 0 {height:.3f} {x:.3f} {y:.3f} cm /P{number} Do Q")

    def draw(self, operators: str) -> None:
        """Draw what operators of PDF say."""
        self.drawn.append(operators)


@dataclass(frozen=True)
class PaperPicture:
    """A picture as JPEG in RGB, and its size in px."""

    jpeg: bytes
    width: int
    height: int


def fitted(words: str, width: float, height: float) -> str:
    """Return *words* cut to what fits into this width (mm) at this height of letters."""
    room = width
    for at, letter in enumerate(words):
        room -= height * _width(letter)
        if room < 0:
            return f"{words[: max(1, at - 1)]}…"
    return words


def _width(letter: str) -> float:
    return 1.0 if ord(letter) > 0x2E7F else _WIDTHS.get(letter, _WIDE)


def document(pages: list[Paper], pictures: list[PaperPicture], title: str, about: dict[str, str]) -> bytes:
    """Return the pages as PDF: the same pages are the same bytes."""
    fonts = b"<< /F1 3 0 R /F2 4 0 R /F3 5 0 R >>"
    first = 8  # of the pictures
    page = first + len(pictures)
    kids = " ".join(f"{page + 2 * number} 0 R" for number in range(len(pages)))
    info = " ".join(f"/{name} {_text(value)}" for name, value in {"Title": title, **about}.items())
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (GB1) /Supplement 4 >> /DW 1000 /W [1 95 500] "
        b"/FontDescriptor << /Type /FontDescriptor /FontName /STSong-Light /Flags 6 "
        b"/FontBBox [-25 -254 1000 880] /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >> >>",
        f"<< {info} >>".encode("latin-1"),
        *map(_image, pictures),
    ]
    for number, one in enumerate(pages):
        shown = " ".join(f"/P{picture} {first + picture} 0 R" for picture in sorted(one.pictures))
        width, height = (side * POINTS for side in one.size)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 %.2f %.2f] /Contents %d 0 R /Resources << /Font %b "
            b"/XObject << %b >> >> >>" % (width, height, page + 2 * number + 1, fonts, shown.encode())
        )
        content = zlib.compress(f"{POINTS:.6f} 0 0 {POINTS:.6f} 0 0 cm 1 J 1 j\n".encode() + _drawn(one), 9)
        objects.append(_stream(b"/Filter /FlateDecode", content))
    return pdf_of(objects, info=7, is_binary=True)


def _drawn(one: Paper) -> bytes:
    return "\n".join(one.drawn).encode("latin-1")


def _image(one: PaperPicture) -> bytes:
    said = f"/Type /XObject /Subtype /Image /Width {one.width} /Height {one.height} /ColorSpace /DeviceRGB"
    return _stream(f"{said} /BitsPerComponent 8 /Filter /DCTDecode".encode(), one.jpeg)


def _stream(said: bytes, content: bytes) -> bytes:
    return b"<< %b /Length %d >>\nstream\n%b\nendstream" % (said, len(content), content)


def _text(words: str) -> str:
    """Return words for the document's own facts: UTF-16, which needs no font."""
    return f"<feff{words.encode('utf-16-be').hex()}>"
