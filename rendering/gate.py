"""The last look before a picture is published: does it decode, is it as ordered, is there anything on it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

LEAST_CONTRAST = 3  # of 255: the difference between darkest and brightest below which a picture is blank


class GateError(Exception):
    """The picture is not what was ordered; the message says in what."""


def check(path: Path, recipe: Mapping[str, Any]) -> None:
    """Raise GateError unless the image in *path* decodes, has the ordered size (px) and shows something."""
    try:
        with Image.open(path) as image:
            image.load()
            size, bands, extrema = image.size, image.getbands(), image.getextrema()
    except Exception as error:  # Pillow's plugins raise many kinds for damaged bytes
        raise GateError(f"The file does not decode: {error}.") from error
    wanted = (recipe["width"], recipe["height"])
    if size != wanted:
        raise GateError(f"The picture has {size[0]} x {size[1]} px, ordered were {wanted[0]} x {wanted[1]}.")
    ranges = extrema if isinstance(extrema[0], tuple) else (extrema,)
    if all(high - low < LEAST_CONTRAST for low, high in ranges):
        raise GateError("The picture is blank: every pixel has the same colour.")
    alpha = dict(zip(bands, ranges, strict=True)).get("A")
    if alpha is not None and alpha[1] == 0:
        raise GateError("The picture is blank: every pixel is transparent.")
