"""OpenEXR pictures: scene-linear half floats, alpha multiplied in (OpenEXR's own convention, linear Rec. 709)."""

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
from django.utils.translation import gettext as _
from PIL import Image

Light = npt.NDArray[np.float16]

REC_709 = (0.64, 0.33, 0.3, 0.6, 0.15, 0.06, 0.3127, 0.329)
"""Chromaticities of red, green, blue and white (ITU-R BT.709): x and y of each."""


class DamagedExr(ValueError):
    """The EXR can't be read; the message says why."""


def read(path: Path) -> Light:
    """Return the light in *path* as (height, width, 4). Raises DamagedExr."""
    try:
        with OpenEXR.File(str(path)) as file:
            channels = file.channels()
            if "RGBA" not in channels:
                raise DamagedExr(
                    _("It has the channels {channels}, not RGBA.").format(channels=", ".join(channels))
                )
            return np.array(channels["RGBA"].pixels, dtype=np.float16)
    except (RuntimeError, OSError, TypeError, ValueError) as error:
        if isinstance(error, DamagedExr):
            raise
        raise DamagedExr(_("The EXR does not decode: {error}.").format(error=error)) from error


def resized(light: Light, width: int, height: int) -> Light:
    """Return *light* at this size in px: Lanczos over light, as a lens averages it."""
    if light.shape[:2] == (height, width):
        return light
    made = np.empty((height, width, 4), dtype=np.float16)
    for channel in range(4):
        plane = Image.fromarray(np.ascontiguousarray(light[..., channel], dtype=np.float32))
        # Lanczos swings below zero beside a highlight, where no light is.
        small = np.asarray(plane.resize((width, height), Image.Resampling.LANCZOS)).clip(0.0, 65504.0)
        made[..., channel] = small.clip(0.0, 1.0) if channel == 3 else small
    return made


def write(
    path: Path, light: Light, about: Mapping[str, Any], credit: Mapping[str, str] | None = None
) -> None:
    """Write *light* to *path*, compressed by ZIP, with *about* as JSON and the owner in its header. Raises OSError."""
    header = {
        "compression": OpenEXR.ZIP_COMPRESSION,
        "type": OpenEXR.scanlineimage,
        "chromaticities": REC_709,
        "software": "Renderdesk",
        "comments": json.dumps(about, sort_keys=True),
    }
    if owner := (credit or {}).get("copyright"):
        header["owner"] = owner
    # OpenEXR reports a full disk in words at best, so the free space is checked before.
    if shutil.disk_usage(path.parent).free < light.nbytes:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))
    try:
        with OpenEXR.File(header, {"RGBA": light}) as file:
            file.write(str(path))
    except RuntimeError as error:
        raise OSError(None, f"OpenEXR could not write it: {error}") from error
