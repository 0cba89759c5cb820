"""The formats of files that are stored and served. Apps above bring the rows of theirs (`register`).

An own table, because the system's types differ from host to host. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass

from media_assets.formats.cad import CAD_FORMATS, OCTETS


@dataclass(frozen=True, kw_only=True)
class FileFormat:
    """A file format: `name` is what recipes store, `suffix` has its dot. `is_shown`: every browser shows its pictures.
    `is_film`: they move.
    """

    name: str
    label: str
    mime_type: str
    suffix: str
    is_shown: bool = False
    is_film: bool = False


GLB = FileFormat(name="glb", label="GLB", mime_type=CAD_FORMATS["glb"].mime_type, suffix=".glb")
USD = FileFormat(name="usdc", label="USD", mime_type="model/vnd.usd+binary", suffix=".usdc")
USDZ = FileFormat(name="usdz", label="USDZ", mime_type="model/vnd.usdz+zip", suffix=".usdz")
DOCUMENT = FileFormat(name="xbf", label="BinXCAF", mime_type="application/x-xbf", suffix=".xbf")
LINES = FileFormat(name="json", label="JSON", mime_type="application/json", suffix=".json")

DERIVED = (GLB, USD, DOCUMENT, LINES)
"""What conversions leave behind; a USDZ is packed when it is asked for."""

_registered = {row.name: row for row in (*DERIVED, USDZ)}


def register(*rows: FileFormat) -> None:
    """Make the formats known that an app above stores as assets."""
    _registered.update({row.name: row for row in rows})


def suffix(format_name: str) -> str:
    """Return the file suffix of a format, with its dot."""
    return _registered[format_name].suffix if format_name in _registered else f".{format_name}"


def mime_type(format_name: str) -> str:
    """Return the MIME type of a format; bytes of no known kind are octets."""
    return _registered[format_name].mime_type if format_name in _registered else OCTETS


def shown_types() -> list[str]:
    """Return the MIME types of the pictures that every browser shows."""
    return list(dict.fromkeys(row.mime_type for row in _registered.values() if row.is_shown))
