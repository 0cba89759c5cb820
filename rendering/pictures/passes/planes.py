"""Depths and normals as OpenEXR: the exact values, and RGBA for programs that only show pictures."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from rendering.pictures.gate import GateError
from rendering.pictures.passes.master import Passes, Plane

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
