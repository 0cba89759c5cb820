"""The frame of a PDF 1.4 file: its objects one after the other, and the table of where they are (ISO 32000-1, 7.5)."""

from __future__ import annotations

from collections.abc import Sequence

_BINARY = b"%\xe2\xe3\xcf\xd3\n"


def pdf_of(objects: Sequence[bytes], *, info: int, is_binary: bool) -> bytes:
    """Return a file of these objects, numbered from 1: the catalog is the first, *info* the number of the facts."""
    out = bytearray(b"%PDF-1.4\n" + (_BINARY if is_binary else b""))
    offsets = []
    for number, one in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\n" % (len(objects) + 1, info)
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % start)


def escaped(text: str) -> str:
    """Return a text as it stands between the parentheses of a string."""
    for sign in "\\()":
        text = text.replace(sign, "\\" + sign)
    return text
