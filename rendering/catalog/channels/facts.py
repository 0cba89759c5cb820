"""What was measured in a finished file, whatever it is judged by later."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True)
class PictureFacts:
    """Sizes in px and bytes, shares from 0 to 1; None where the file has no such thing.

    *fill* is the longer of the product's two extents, each as a share of the picture's side; *margins* are the empty
    borders left, top, right and bottom. The product is what is opaque in the render master. *off_white_px* is how far
    from the product the farthest pixel lies that is not 255, 255, 255, and *off_white* what it is; 0: all is white.
    """

    format: str
    width: int
    height: int
    bytes: int
    bits: int
    has_alpha: bool
    profile: str
    dpi: float | None = None
    identifiers: Mapping[str, str] | None = None
    quality: int | None = None
    fill: float | None = None
    margins: tuple[int, int, int, int] | None = None
    off_white_px: int | None = None
    off_white: tuple[int, int, int] | None = None
    clipping_path: bool | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the known values as JSON."""
        values = {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }
        return {name: value for name, value in values.items() if value is not None}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return stored facts; those that this version does not know are left out."""
        known = {one.name for one in fields(cls)}
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in document.items()
            if name in known
        }
        return cls(**values)
