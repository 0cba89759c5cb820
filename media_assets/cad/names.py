"""Names of parts as people know them, distinguished from placeholders of CAD programs."""

from __future__ import annotations

import re
from functools import lru_cache

REMEMBERED = 10_000
"""Names whose meaning is remembered: those of an assembly come again with each of its places."""

_PLACEHOLDER = re.compile(
    r"""=>\[[\d:]+\]                                     # OpenCASCADE: the address of a label
      | Open\ CASCADE\ STEP\ translator[\ \d.]*              # what its writer calls a part without a name
      # The kinds of shapes as OpenCASCADE writes them; in small letters it is somebody's word.
      | (SOLID|COMPSOLID|COMPOUND|SHELL|FACE|WIRE|EDGE|VERTEX|SHAPE|ASSEMBLY)?
      | NONE | None | UNNAMED | Unnamed                     # "no name", as other programs say it
    """,
    re.VERBOSE,
)
_USAGE_ID = re.compile(r"(NAUO|NEXT_ASSEMBLY_USAGE_OCCURRENCE)?[\s\d.:_#-]*", re.IGNORECASE)
_BODY_PLACEHOLDER = re.compile(
    r"(SOLID|BREP|MANIFOLD[ _]?SOLID[ _]?BREP|SOLIDBODY)?[\s\d.:_#()-]*", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


def clean(name: str) -> str:
    """Return a name on one line, without control characters and outer white space."""
    return " ".join(_CONTROL.sub(" ", name).split())


@lru_cache(REMEMBERED)
def product_name(name: str, *instead: str) -> str:
    """Return a product's name, or the first of ``instead`` that means something, or "Part"."""
    return next((text for text in map(clean, (name, *instead)) if not _PLACEHOLDER.fullmatch(text)), "Part")


@lru_cache(REMEMBERED)
def instance_name(name: str, product: str) -> str:
    """Return the name of one placed part: its own, unless that is a mere number of the file; then the product's."""
    text = clean(name)
    return product if _PLACEHOLDER.fullmatch(text) or _USAGE_ID.fullmatch(text) else text


def body_name(name: str) -> str:
    """Return the name of one solid of a part; empty when it is only a kind and a number ("SOLID 12")."""
    text = clean(name)
    return "" if _PLACEHOLDER.fullmatch(text) or _BODY_PLACEHOLDER.fullmatch(text) else text
