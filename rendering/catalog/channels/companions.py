"""Text files that go with a product's pictures: a `<picture>` snippet, the MIME entries of a BMEcat."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from xml.sax.saxutils import escape as xml

# Of the formats that a browser is offered, the smallest first.
PREFERRED = ("image/avif", "image/webp", "image/jpeg", "image/png")
SIZES = "(max-width: 640px) 100vw, 640px"


@dataclass(frozen=True)
class NamedFile:
    """One finished file of a product: its name, MIME type, size in px, and its code in the channel."""

    name: str
    mime_type: str
    width: int
    height: int
    code: str
    alt: str


def picture(files: Sequence[NamedFile], _identifiers: Mapping[str, str]) -> str:
    """Return a `<picture>` element that offers all widths of each format (HTML, 4.8.1)."""
    by_type = {
        kind: sorted((one for one in files if one.mime_type == kind), key=lambda one: one.width)
        for kind in PREFERRED
    }
    kinds = [kind for kind in PREFERRED if by_type[kind]]
    if not kinds:
        return ""
    *others, last = kinds
    lines = ["<picture>"]
    lines += [
        f'  <source type="{kind}" srcset="{_srcset(by_type[kind])}" sizes="{SIZES}">' for kind in others
    ]
    shown = by_type[last][-1]
    lines += [
        f'  <img src="{escape(shown.name)}" srcset="{_srcset(by_type[last])}" sizes="{SIZES}"'
        f' width="{shown.width}" height="{shown.height}" alt="{escape(shown.alt)}" loading="lazy" decoding="async">',
        "</picture>",
    ]
    return "\n".join(lines) + "\n"


def _srcset(files: Sequence[NamedFile]) -> str:
    return ", ".join(f"{escape(one.name)} {one.width}w" for one in files)


def bmecat(files: Sequence[NamedFile], identifiers: Mapping[str, str]) -> str:
    """Return the MIME_INFO element of a BMEcat 2005 product: the code of each output is its MIME_PURPOSE.

    A product with an ETIM class has it before, both within a PRODUCT (Guideline BMEcat 2005 of ETIM International).
    """
    lines = ["<MIME_INFO>"]
    for order, one in enumerate(files, start=1):
        lines += [
            "  <MIME>",
            f"    <MIME_TYPE>{xml(one.mime_type)}</MIME_TYPE>",
            f"    <MIME_SOURCE>{xml(one.name)}</MIME_SOURCE>",
            f"    <MIME_ALT>{xml(one.alt)}</MIME_ALT>",
            f"    <MIME_PURPOSE>{xml(one.code)}</MIME_PURPOSE>",
            f"    <MIME_ORDER>{order}</MIME_ORDER>",
            "  </MIME>",
        ]
    lines.append("</MIME_INFO>")
    if code := identifiers.get("etim"):
        *release, group = code.split()
        system = release[0] if release else "ETIM"
        lines = [
            "<PRODUCT>",
            "  <PRODUCT_FEATURES>",
            f"    <REFERENCE_FEATURE_SYSTEM_NAME>{xml(system)}</REFERENCE_FEATURE_SYSTEM_NAME>",
            f"    <REFERENCE_FEATURE_GROUP_ID>{xml(group)}</REFERENCE_FEATURE_GROUP_ID>",
            "  </PRODUCT_FEATURES>",
            *(f"  {line}" for line in lines),
            "</PRODUCT>",
        ]
    return "\n".join([*lines, ""])


MADE = {"picture": (picture, ".html"), "bmecat": (bmecat, ".xml")}
"""What a profile can ask for: how it is made, and the ending of its file."""
