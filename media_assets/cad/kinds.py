"""What is known of each distinct part, for parts lists: what it measures, and by what it is known again.

Runs in the child process only.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from OCP.BRepGProp import BRepGProp
from OCP.GProp import GProp_GProps

from media_assets.cad.product_tree import CadProduct, Part
from media_assets.cad.surfaces import Mesh
from media_assets.cad.validation import Sizes

PATIENCE_S = 10.0
"""Seconds after which volumes are no longer taken from the exact shapes, but from the triangles."""

DIGITS = 20  # hexadecimal, of a fingerprint


def kinds_of(
    product: CadProduct, meshes: Sequence[Mesh], sizes: Sequence[Sizes]
) -> list[dict[str, Any] | None]:
    """Return what is known of each of the product's parts, as JSON values; None for one that shows nothing.

    ``shape`` is a fingerprint of its geometry, the same in every file and in every quality; ``size_mm`` is the box
    around its triangles in its own coordinates; ``volume_mm3`` is None where it is not closed, and ``volume_from`` says
    whether the exact "shape" or the "mesh" gave it.
    """
    until = time.monotonic() + PATIENCE_S
    found: list[dict[str, Any] | None] = [None] * len(product.parts)
    for look, mesh in zip(product.looks, meshes, strict=True):
        if found[look.part] is None and mesh.surfaces:
            part, size = product.parts[look.part], sizes[look.part]
            points = np.concatenate([surface.points for _, surface in mesh.surfaces])
            extent = (points.max(axis=0) - points.min(axis=0)).astype(float)
            found[look.part] = {
                "shape": _fingerprint(part, mesh),
                "size_mm": [round(length, 4) for length in extent.tolist()],
                **_volume(part, size, until),
            }
    return found


def _volume(part: Part, size: Sizes, until: float) -> dict[str, Any]:
    volume, source = size.volume, "mesh"
    if volume is not None and part.shape is not None and time.monotonic() < until:
        properties = GProp_GProps()
        BRepGProp.VolumeProperties_s(part.shape, properties)
        volume, source = float(properties.Mass()), "shape"
    if volume is None or not volume > 0:  # a shape that is turned inside out has no volume that one can weigh
        return {"volume_mm3": None, "volume_from": ""}
    return {"volume_mm3": round(volume, 4), "volume_from": source}


def _fingerprint(part: Part, mesh: Mesh) -> str:
    """Return the hash of an exact shape, or of the triangles where they are all there is."""
    return (part.digest or _digest_of(mesh)).hex()[:DIGITS]


def _digest_of(mesh: Mesh) -> bytes:
    written = hashlib.sha256()
    for _, surface in mesh.surfaces:
        written.update(surface.points.tobytes())
        written.update(surface.corners.tobytes())
    return written.digest()
