"""Spins: the frames of a turntable as single pictures in two sizes, as players on web pages load them."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PIL import Image

from media_assets.formats.spins import LIST, Spin, SpinSize
from rendering.pictures import encode, film, formats
from rendering.pictures.gate import Concern, GateError
from rendering.pictures.likeness import difference, most_different, small

SMALL = 0.5  # of the ordered size, for phones
POSTER_PX = 256
MADE = (1980, 1, 1, 0, 0, 0)  # the same frames are the same bytes


def write(source: Path, target: Path, recipe: Mapping[str, Any], about: Mapping[str, Any]) -> None:
    """Write the frames of a render master as the spin of a recipe, and its poster. Raises OSError or ValueError."""
    spin = _spin(recipe)
    said = {name: value for name, value in about.items() if name != "poster"}
    settings, whole = encode.options(recipe), encode.embedded(recipe, said)
    plain = {"icc_profile": encode.srgb_profile()}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(
            _entry(LIST), json.dumps({**spin.to_json(), "recipe_key": about["recipe_key"]}, indent=1)
        )
        for number, picture in enumerate(film.pictures(source, recipe)):
            if number == spin.first:
                poster = picture.copy()
                poster.thumbnail((POSTER_PX, POSTER_PX), Image.Resampling.LANCZOS)
                poster.save(about["poster"], format="WEBP", quality=90, method=4)
            for size in spin.sizes:
                stream = io.BytesIO()
                more = whole if size is spin.sizes[0] else plain
                encode.resized(picture, size.width, size.height).save(stream, **settings, **more)
                archive.writestr(_entry(size.files[number]), stream.getvalue())


def check(source: Path, target: Path, recipe: Mapping[str, Any]) -> tuple[dict[str, Any], list[Concern]]:
    """Return what a written spin holds, every picture decoded. Raises GateError unless each shows its frame."""
    spin = _spin(recipe)
    most = most_different(recipe["quality"])
    try:
        with zipfile.ZipFile(target) as archive:
            if archive.namelist() != [
                LIST,
                *(size.files[number] for number in range(spin.frames) for size in spin.sizes),
            ]:
                raise GateError("film_frames", count=len(archive.namelist()) // 2, ordered=spin.frames)
            for number, picture in enumerate(film.pictures(source, recipe)):
                wanted = small(picture)
                for size in spin.sizes:
                    found = Image.open(io.BytesIO(archive.read(size.files[number])))
                    ordered = {"ordered_width": size.width, "ordered_height": size.height}
                    if found.size != (size.width, size.height):
                        raise GateError("film_size", width=found.width, height=found.height, **ordered)
                    if difference(small(found), wanted) > most:
                        raise GateError("film_frame", number=number + 1)
            sizes = [sum(archive.getinfo(name).file_size for name in size.files) for size in spin.sizes]
    except (OSError, SyntaxError, KeyError, zipfile.BadZipFile) as error:
        raise GateError("film", error=f"{error}.") from error
    return {"frames": spin.frames, "bytes_by_size": sizes}, []


def _spin(recipe: Mapping[str, Any]) -> Spin:
    suffix = formats.output(recipe["format"]).pillow["format"].lower().replace("jpeg", "jpg")
    frames = recipe["view"]["frames"]
    sizes = [(recipe["width"], recipe["height"])]
    sizes.append((max(1, round(SMALL * recipe["width"])), max(1, round(SMALL * recipe["height"]))))
    elevations = tuple(recipe["view"].get("elevations", ()))
    names = [f"{name}.{suffix}" for name in _names(frames, max(1, len(elevations)))]
    return Spin(
        frames,
        tuple(
            SpinSize(folder, *size, tuple(f"{folder}/{name}" for name in names))
            for folder, size in zip(("large", "small"), sizes, strict=True)
        ),
        elevations,
    )


def _names(frames: int, rows: int) -> list[str]:
    """Return what the pictures are called: by number, or by row and column, in as many digits as sort them."""
    if rows == 1:
        return [f"spin-{number:03}" for number in range(1, frames + 1)]
    columns = frames // rows
    digits = max(2, len(str(columns)))
    return [
        f"spin-{row:02}-{column:0{digits}}" for row in range(1, rows + 1) for column in range(1, columns + 1)
    ]


def _entry(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, MADE)
    info.external_attr = 0o644 << 16
    return info
