"""Depths and normals: as OpenEXR the exact values, with RGBA for programs that only show pictures; as PNG of 16 bits
for those that have no EXR."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import OpenEXR
import OpenImageIO as oiio

from rendering.pictures import metadata, sixteen_bit
from rendering.pictures.gate import GateError
from rendering.pictures.passes.master import Passes, Plane
from rendering.pictures.sixteen_bit import FULL, Deep

NORMALS = "N"


def write_depth(passes: Passes, target: Path, about: Mapping[str, Any], credit: Mapping[str, str]) -> Plane:
    """Write Z in mm, and RGBA that is white where the product is nearest; return the latter."""
    depth, is_there = passes.depth_mm, passes.alpha > 0
    near, far = float(depth[is_there].min()), float(depth[is_there].max())
    share = np.where(is_there, 1 - 0.9 * (depth - near) / max(far - near, 1e-6), 0).astype(np.float32)
    shown: Plane = np.stack([share, share, share, passes.alpha], axis=-1)
    said = {"renderdesk/unit": "mm", "renderdesk/nearest": f"{near:.4f}", "renderdesk/farthest": f"{far:.4f}"}
    write_exr(target, shown, {"Z": depth}, said, about, credit)
    return shown


def write_normals(passes: Passes, target: Path, about: Mapping[str, Any], credit: Mapping[str, str]) -> Plane:
    """Write N.X, N.Y and N.Z from -1 to 1, and RGBA from 0 to 1; return the latter."""
    shown: Plane = np.concatenate([passes.normals * 0.5 + 0.5, passes.alpha[..., None]], axis=-1).astype(
        np.float32
    )
    shown[passes.alpha == 0] = 0
    exact = {f"{NORMALS}.{axis}": passes.normals[..., at].copy() for at, axis in enumerate("XYZ")}
    write_exr(target, shown, exact, {}, about, credit)
    return shown


def check_depth(passes: Passes, target: Path) -> dict[str, Any]:
    """Return the nearest and the farthest depth in mm. Raises GateError unless the file has the depths."""
    depth = _read(target)["Z"]
    if not np.array_equal(depth, passes.depth_mm):
        raise GateError("damaged", error="The depths are not those that were rendered.")
    there = depth[passes.alpha > 0]
    return {"nearest_mm": round(float(there.min()), 3), "farthest_mm": round(float(there.max()), 3)}


def check_normals(passes: Passes, target: Path) -> dict[str, Any]:
    """Raise GateError unless the file has the normals."""
    found = _read(target)
    if not all(
        np.array_equal(found[f"{NORMALS}.{axis}"], passes.normals[..., at]) for at, axis in enumerate("XYZ")
    ):
        raise GateError("damaged", error="The normals are not those that were rendered.")
    return {}


def write_depth_png(
    passes: Passes, target: Path, about: Mapping[str, Any], credit: Mapping[str, str]
) -> Plane:
    """Write gray with alpha, white where the product is nearest and black where it is farthest, linear in mm between.

    The file says both distances. Returns the picture from 0 to 1.
    """
    gray, near, far = _grays(passes)
    words = (
        f"Depth along the axis of the camera, linear: white (65535) {near:.4f} mm, black (0) {far:.4f} mm; "
        "transparent where nothing is."
    )
    texts = {"Description": words, "nearest_mm": f"{near:.4f}", "farthest_mm": f"{far:.4f}"}
    _write_png(target, np.stack([gray, _levels(passes.alpha)], axis=-1), texts, about, credit)
    shown: Plane = np.stack([gray / FULL] * 3 + [passes.alpha], axis=-1).astype(np.float32)
    return shown


def write_normals_png(
    passes: Passes, target: Path, about: Mapping[str, Any], credit: Mapping[str, str]
) -> Plane:
    """Write X, Y and Z from -1 to 1 as red, green and blue from 0 to 65535; return the picture from 0 to 1."""
    words = "Normals in the axes of the product (Z up): red X, green Y, blue Z, 0 is -1 and 65535 is 1."
    _write_png(target, _normal_levels(passes), {"Description": words}, about, credit)
    shown: Plane = (_normal_levels(passes) / FULL).astype(np.float32)
    return shown


def check_depth_png(passes: Passes, target: Path) -> dict[str, Any]:
    """Return the nearest and the farthest depth in mm. Raises GateError unless the file has the depths."""
    gray, near, far = _grays(passes)
    found = _read_png(target)
    if not (np.array_equal(found[..., 0], gray) and np.array_equal(found[..., -1], _levels(passes.alpha))):
        raise GateError("damaged", error="The depths are not those that were rendered.")
    return {"nearest_mm": round(near, 3), "farthest_mm": round(far, 3)}


def check_normals_png(passes: Passes, target: Path) -> dict[str, Any]:
    """Raise GateError unless the file has the normals."""
    if not np.array_equal(_read_png(target), _normal_levels(passes)):
        raise GateError("damaged", error="The normals are not those that were rendered.")
    return {}


def _grays(passes: Passes) -> tuple[Deep, float, float]:
    """Return the depths as 16 bits, 65535 the nearest and 0 the farthest, and both distances in mm."""
    is_there = passes.alpha > 0
    near, far = float(passes.depth_mm[is_there].min()), float(passes.depth_mm[is_there].max())
    share = (far - passes.depth_mm.astype(np.float64)) / max(far - near, 1e-6)
    return _levels(np.where(is_there, share, 0)), near, far


def _normal_levels(passes: Passes) -> Deep:
    found = np.concatenate([passes.normals * 0.5 + 0.5, passes.alpha[..., None]], axis=-1)
    found[passes.alpha == 0] = 0
    return _levels(found)


def _levels(shares: npt.NDArray[Any]) -> Deep:
    """Return shares from 0 to 1 as 16 bits."""
    levels: Deep = np.rint(np.clip(shares, 0, 1) * FULL).astype(np.uint16)
    return levels


def _write_png(
    target: Path,
    levels: Deep,
    texts: Mapping[str, str],
    about: Mapping[str, Any],
    credit: Mapping[str, str],
) -> None:
    said = {name: value for name, value in about.items() if name not in ("poster", "legend")}
    exif, xmp = metadata.exif(said), metadata.xmp({"credit": credit}, said)
    sixteen_bit.write_png(target, levels, b"", exif, xmp=xmp, texts=texts)


def _read_png(path: Path) -> Deep:
    """Return the pixels (height, width, channels) as they stand. Raises GateError."""
    wanted = oiio.ImageSpec()
    wanted.attribute("oiio:UnassociatedAlpha", 1)
    image = oiio.ImageInput.open(str(path), wanted)
    pixels = image.read_image(oiio.UINT16) if image else None
    if pixels is None:
        raise GateError("damaged", error=f"{image.geterror() if image else oiio.geterror()}.")
    found: Deep = pixels
    return found


def write_exr(
    target: Path,
    shown: Plane,
    channels: Mapping[str, Plane],
    said: Mapping[str, str],
    about: Mapping[str, Any],
    credit: Mapping[str, str],
) -> None:
    """Write an EXR: RGBA of 16 bits, *channels* of 32, and what the header says. Raises OSError."""
    embedded = {name: value for name, value in about.items() if name not in ("poster", "legend")}
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "software": "Renderdesk",
        "comments": json.dumps(embedded, sort_keys=True),
        **({"owner": credit["copyright"]} if credit.get("copyright") else {}),
        **said,
    }
    # OpenEXR reports a full disk in words at best, so the free space is checked before.
    if shutil.disk_usage(target.parent).free < sum(one.nbytes for one in channels.values()) + shown.nbytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(target))
    try:
        with OpenEXR.File(header, {"RGBA": shown.astype(np.float16), **channels}) as file:
            file.write(str(target))
    except RuntimeError as error:
        raise OSError(None, f"OpenEXR could not write it: {error}") from error


def _read(path: Path) -> dict[str, Plane]:
    try:
        with OpenEXR.File(str(path), separate_channels=True) as file:
            return {name: np.array(channel.pixels) for name, channel in file.channels().items()}
    except RuntimeError as error:
        raise GateError("damaged", error=f"{error}.") from error
