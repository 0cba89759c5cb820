"""Reads back a USD master with usd-core. Runs in the process of ``witness.py``: USD and Blender do not share one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from pxr import Usd, UsdGeom, UsdShade

from tests.media_assets.cad.shown import UNCOLORED, Shown, Surfaces, hex_of_linear


def shown_in_usd(path: Path) -> Shown:
    """Return what a stage shows, through its instances, in millimeters."""
    stage = Usd.Stage.Open(str(path))
    assert UsdGeom.GetStageUpAxis(stage) == UsdGeom.Tokens.z
    scale = UsdGeom.GetStageMetersPerUnit(stage) * 1000.0
    cache = UsdGeom.XformCache()
    shown = Shown()
    for prim in stage.Traverse(Usd.TraverseInstanceProxies()):
        if prim.IsA(UsdGeom.Mesh):
            owner = prim
            while not owner.HasAttribute("userProperties:part_key"):
                owner = owner.GetParent()
            matrix = np.array(cache.GetLocalToWorldTransform(prim)).T
            matrix[:3, 3] *= scale
            mesh = prim.GetPrimInPrototype() if prim.IsInstanceProxy() else prim
            names = (owner.GetDisplayName(), _text(owner, "product"))
            shown.add(_text(owner, "part_key"), names, str(mesh.GetPath()), matrix, _surfaces(prim, scale))
        elif prim.HasAttribute("userProperties:part_key") and not prim.IsInstance():
            shown.groups += [prim.GetDisplayName(), _text(prim, "product")]
    return shown


def _text(prim: Usd.Prim, name: str) -> str:
    return str(prim.GetAttribute(f"userProperties:{name}").Get())


def _surfaces(prim: Usd.Prim, scale: float) -> Surfaces:
    mesh = UsdGeom.Mesh(prim)
    points = np.array(mesh.GetPointsAttr().Get(), np.float64) * scale
    corners = np.array(mesh.GetFaceVertexIndicesAttr().Get()).reshape(-1, 3)
    assert set(mesh.GetFaceVertexCountsAttr().Get()) == {3}
    subsets = UsdShade.MaterialBindingAPI(prim).GetMaterialBindSubsets()
    if not subsets:
        return [(_color(prim), points, corners)]
    found = [
        (_color(subset.GetPrim()), points, corners[np.array(subset.GetIndicesAttr().Get())])
        for subset in subsets
    ]
    assert sum(len(one) for _, _, one in found) == len(corners), "a triangle has no material, or two"
    return found


def _color(prim: Usd.Prim) -> str:
    material, _ = UsdShade.MaterialBindingAPI(prim).ComputeBoundMaterial()
    assert material, f"{prim.GetPath()} has no material"
    shader = material.ComputeSurfaceSource()[0]
    color: Any = shader.GetInput("diffuseColor").Get()
    found = hex_of_linear(*color, shader.GetInput("opacity").Get())
    is_default = found == UNCOLORED and "uncolored" in material.GetPath().name
    return "" if is_default else found
