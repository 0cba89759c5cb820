"""The last check before a picture is published. Broken ones are refused; suspicious ones get a warning.

A broken picture fails its job and would be broken again. A warning is kept on the receipt: a white part on white may be
intended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
from django.utils.translation import gettext as _
from PIL import Image

from media_assets.cad.problem import CodedError, ErrorKind
from rendering.pictures import exr, formats
from rendering.pictures.gate_words import QUALITY_GATE

LEAST_CONTRAST = 3  # of 255: the difference between darkest and brightest below which a picture is blank
OPAQUE = 250  # of 255: what is part of the subject, and no shadow
BURNT, BLACK = 254, 1  # of 255: all three channels at or beyond it
BURNT_SHARE = 0.1
BLACK_SHARE = 0.25
TINY_SHARE = 0.2
"""Shares of the subject's pixels, and of the picture's side. The corpus in four lights has 0, up to 0.02, and 0.85."""

Bytes = npt.NDArray[np.uint8]


class GateError(CodedError):
    """The picture is not what was ordered. *case* is one of the messages of `quality_gate`."""

    kinds: ClassVar[Mapping[str, ErrorKind]] = {"quality_gate": QUALITY_GATE}

    def __init__(self, case: str, **details: Any) -> None:
        super().__init__("quality_gate", case, **details)


@dataclass(frozen=True)
class Concern:
    """Something that looks wrong in a picture: its name, and a sentence that says what to do."""

    code: str
    text: str

    def to_json(self) -> dict[str, str]:
        return {"code": self.code, "text": self.text}


def check(path: Path, recipe: Mapping[str, Any]) -> list[Concern]:
    """Raise GateError unless the image in *path* is what *recipe* says and shows something; return what looks wrong.

    Raises OSError for one that can't be read. *recipe* is that of a file, of a render master, or has just `width` and
    `height` (px).
    """
    shows = recipe.get("view", {}).get("pass", "")
    if shows == "passes":
        formats.function("passes.master.check")(path, recipe)
        return []
    if recipe.get("linear") or formats.is_linear(recipe.get("format", "")):
        return _check_light(path, recipe)
    try:
        with Image.open(path) as image:
            image.load()
            bands, extrema, bits = image.getbands(), image.getextrema(), bits_of(path, image)
            picture = image.convert("RGBA") if _is_master(recipe) and not shows else None
            size = image.size
    except Exception as error:  # Pillow's plugins raise many kinds for damaged bytes
        if isinstance(error, OSError) and error.errno:
            raise
        raise GateError("damaged", error=f"{error}.") from error
    _check_size(size, recipe)
    ranges = extrema if isinstance(extrema[0], tuple) else (extrema,)
    if shows == "shadow" and all(high - low < LEAST_CONTRAST for low, high in ranges):
        raise GateError("no_shadow")
    if all(high - low < LEAST_CONTRAST for low, high in ranges):
        raise GateError("one_color")
    alpha = dict(zip(bands, ranges, strict=True)).get("A")
    if alpha is not None and alpha[1] == 0:
        raise GateError("clear")
    if recipe.get("background") and alpha is not None and alpha[0] < 255:
        raise GateError("transparent")
    ordered = recipe.get("bit_depth", bits)
    if bits != ordered:
        raise GateError("bit_depth", bits=bits, ordered=ordered)
    found = [] if picture is None else list(_looks(np.asarray(picture), recipe))
    size_limit, taken = recipe.get("max_bytes"), path.stat().st_size
    if size_limit and taken > size_limit:
        found.append(
            Concern(
                "too_many_bytes",
                _("The file has {taken:,} bytes, more than {limit:,}, even at the lowest quality.").format(
                    taken=taken, limit=size_limit
                ),
            )
        )
    if recipe.get("background") == [] and alpha is None:
        found.append(
            Concern("not_transparent", _("Nothing of the picture is transparent: the part covers all of it."))
        )
    return found


def _check_size(size: tuple[int, int], recipe: Mapping[str, Any]) -> None:
    wanted = {"ordered_width": recipe["width"], "ordered_height": recipe["height"]}
    if size != tuple(wanted.values()):
        raise GateError("wrong_size", width=size[0], height=size[1], **wanted)


def _check_light(path: Path, recipe: Mapping[str, Any]) -> list[Concern]:
    try:
        light = exr.read(path)
    except exr.DamagedExr as error:
        raise GateError("damaged", error=error) from error
    _check_size((light.shape[1], light.shape[0]), recipe)
    if not np.isfinite(light).all():
        wrong = int((~np.isfinite(light)).any(axis=2).sum())
        raise GateError("not_finite", count=wrong)
    if not light[..., 3].any() or float(light.max()) == float(light.min()):
        raise GateError("no_light")
    return []


def _is_master(recipe: Mapping[str, Any]) -> bool:
    return "view" in recipe and "format" not in recipe


def bits_of(path: Path, image: Image.Image) -> int:
    """Return the bits of a channel, which Pillow's mode does not contain."""
    if image.format == "PNG":
        with path.open("rb") as file:
            return file.read(25)[24]
    tags = getattr(image, "tag_v2", {})
    return int(tags[258][0]) if 258 in tags else 8


def _looks(picture: Bytes, recipe: Mapping[str, Any]) -> Iterator[Concern]:
    """Yield what looks wrong in a straight RGBA master."""
    opaque = picture[..., 3] >= OPAQUE
    count = int(opaque.sum())
    if not count:
        yield Concern("faint", _("Nothing in the picture is opaque. Is the whole part made of glass?"))
        return
    subject = picture[..., :3][opaque]
    burnt = float((subject.min(axis=1) >= BURNT).mean())
    if burnt > BURNT_SHARE:
        yield Concern(
            "burnt",
            _(
                # xgettext:no-python-format
                "{percent:.0f} % of the part is white without detail. Lower the exposure, or choose another light."
            ).format(percent=100 * burnt),
        )
    black = float((subject.max(axis=1) <= BLACK).mean())
    if black > BLACK_SHARE:
        yield Concern(
            "black",
            _(
                # xgettext:no-python-format
                "{percent:.0f} % of the part is black without detail. Raise the exposure, or choose another light."
            ).format(percent=100 * black),
        )
    look = recipe["view"]["look"]
    if look["ground"] != "reflective":  # a reflective floor is opaque up to the border
        yield from _framing(opaque, look["margin"])


def _framing(opaque: npt.NDArray[np.bool_], margin: float) -> Iterator[Concern]:
    rows, columns = np.flatnonzero(opaque.any(axis=1)), np.flatnonzero(opaque.any(axis=0))
    border = opaque[0].any() or opaque[-1].any() or opaque[:, 0].any() or opaque[:, -1].any()
    if border and margin > 0:
        yield Concern("cropped", _("The part touches the border of the picture. Raise the margin."))
    height, width = opaque.shape
    span = max((rows[-1] - rows[0] + 1) / height, (columns[-1] - columns[0] + 1) / width)
    if span < TINY_SHARE:
        yield Concern(
            "tiny",
            _(
                # xgettext:no-python-format
                "The part takes up only {percent:.0f} % of the picture's side. Look for a stray part in the part tree."
            ).format(percent=100 * span),
        )
