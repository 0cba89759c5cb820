"""Reads an ICC profile: `python color_profile_reader.py FILE`, in a process of its own with limits.

An untrusted file may crash its reader, so the web process starts this program and only reads its answer, a line of
JSON: the description, or a code as `refused` and what a sentence about it needs. It uses no Django.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from PIL import Image, ImageCms

PRINTER = "prtr"  # ICC.1:2022, 7.2.5: an output device
INTENTS = (ImageCms.Intent.PERCEPTUAL, ImageCms.Intent.RELATIVE_COLORIMETRIC)


def read(path: str) -> dict[str, Any]:
    """Return what the profile in *path* is, after a color went through it both ways."""
    try:
        profile = ImageCms.getOpenProfile(path)
        core = profile.profile
        space, kind = core.xcolor_space.strip(), core.device_class.strip()
        if (space, kind) != ("CMYK", PRINTER):
            return {"refused": "kind", "space": space, "kind": kind}
        srgb = ImageCms.createProfile("sRGB")
        gray = Image.new("RGB", (1, 1), (128, 128, 128))
        for intent in INTENTS:
            ink = ImageCms.profileToProfile(gray, srgb, profile, intent, "CMYK")
            assert ink is not None
            ImageCms.profileToProfile(ink, profile, srgb, intent, "RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, AttributeError) as error:
        return {"refused": "damaged", "reason": str(error)[:200]}
    return {"description": ImageCms.getProfileDescription(profile).strip()[:200]}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(read(sys.argv[1])) + "\n")
