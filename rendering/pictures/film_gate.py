"""The last check before a film is published: it decodes completely, and each frame shows what the encoder got."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from rendering.pictures import animated_webp, ffmpeg, formats
from rendering.pictures.gate import GateError
from rendering.pictures.likeness import PROBE_PX, difference, most_different, small
from rendering.pictures.limits import EncodingLimits

BYTES = PROBE_PX * PROBE_PX * 4
NEARER, SURELY = 0.8, 0.3  # a frame is another one if it is that much more like that one
SCALER = "area+accurate_rnd+full_chroma_int"  # without these it rounds every green down
DURATION_SLACK = 0.015  # s; Matroska counts milliseconds, WebP's frames are rounded to them

_STREAM = re.compile(r"Video: .*?\b(\d{2,5})x(\d{2,5})\b")
_DURATION = re.compile(r"Duration: (\d+):(\d+):(\d+(?:\.\d+)?)")
_COLORS = re.compile(r"yuva?420p\(tv, bt709[,)]")


def check(
    path: Path,
    recipe: Mapping[str, Any],
    shown: Sequence[bytes],
    limits: EncodingLimits,
    tick: Callable[[int], None],
) -> None:
    """Raise GateError unless the film in *path* is as ordered and its frames look as those that went in (`small`)."""
    found = list(formats.function(formats.output(recipe["format"]).frames)(path, recipe, limits, tick))
    if len(found) != len(shown):
        raise GateError("film_frames", count=len(found), ordered=len(shown))
    most = most_different(recipe["quality"])
    for number, now in enumerate(found):
        own = difference(now, shown[number])
        beside = min(difference(now, shown[at % len(shown)]) for at in (number - 1, number + 1))
        if own > most or beside < NEARER * own - SURELY:
            raise GateError("film_frame", number=number + 1)


def video(
    path: Path, recipe: Mapping[str, Any], limits: EncodingLimits, tick: Callable[[int], None]
) -> list[bytes]:
    """Return the small pictures of an MP4 or WebM, every frame decoded; its size, length and colors are checked."""
    small_rgba = "format=gbrap,premultiply=inplace=1," if not recipe.get("background") else ""
    probe = path.with_suffix(".probe")
    said = "\n".join(
        ffmpeg.run(
            [
                *("-v", "info", "-xerror", "-err_detect", "explode", "-progress", "pipe:1"),
                *formats.output(recipe["format"]).decoder,
                *("-i", str(path), "-fps_mode", "passthrough"),
                *("-vf", f"{small_rgba}scale={PROBE_PX}:{PROBE_PX}:flags={SCALER},format=rgba"),
                *("-f", "rawvideo", str(probe)),
            ],
            path.parent,
            limits,
            tick,
        )
    )
    size, length = _STREAM.search(said), _DURATION.search(said)
    if size is None or length is None:
        raise GateError("film_empty")
    _check_size((int(size[1]), int(size[2])), recipe)
    _check_length(int(length[1]) * 3600 + int(length[2]) * 60 + float(length[3]), recipe)
    if not _COLORS.search(said):
        raise GateError("film_colors")
    data = probe.read_bytes()
    return [data[at : at + BYTES] for at in range(0, len(data), BYTES)]


def animation(
    path: Path, recipe: Mapping[str, Any], limits: EncodingLimits, tick: Callable[[int], None]
) -> Iterator[bytes]:
    """Yield the small pictures of an animated WebP, every frame decoded; its size and length are checked."""
    length = done = 0
    try:
        with Image.open(path) as film:
            _check_size(film.size, recipe)
            if film.info.get("loop") != 0:
                raise GateError("film_once")
            for number in range(getattr(film, "n_frames", 1)):
                film.seek(number)
                film.load()
                length += film.info["duration"]
                until = animated_webp.frames_until(length, recipe["fps"])
                yield from [small(film)] * (until - done)
                done = until
                tick(done)
    except (OSError, SyntaxError, KeyError, EOFError) as error:
        raise GateError("film", error=f"{error}.") from error
    _check_length(length / 1000, recipe)


def _check_size(size: tuple[int, int], recipe: Mapping[str, Any]) -> None:
    wanted = {"ordered_width": recipe["width"], "ordered_height": recipe["height"]}
    if size != tuple(wanted.values()):
        raise GateError("film_size", width=size[0], height=size[1], **wanted)


def _check_length(seconds: float, recipe: Mapping[str, Any]) -> None:
    wanted = recipe["view"]["frames"] / recipe["fps"]
    if abs(seconds - wanted) > DURATION_SLACK:
        raise GateError("film_length", seconds=seconds, ordered=wanted)
