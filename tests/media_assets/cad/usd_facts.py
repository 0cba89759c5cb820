"""Prints what a USD file holds, as JSON. A program of its own: USD's library and Blender's do not share a process."""

from __future__ import annotations

import json
import sys

from pxr import Usd, UsdGeom, UsdShade


def main(path: str) -> None:
    stage = Usd.Stage.Open(path)
    instances = [prim for prim in stage.Traverse() if prim.IsInstance()]
    bound = []
    for prototype in stage.GetPrototypes():
        for prim in Usd.PrimRange(prototype):
            if prim.IsA(UsdGeom.Mesh):
                targets = [prim, *UsdGeom.Subset.GetAllGeomSubsets(UsdGeom.Imageable(prim))]
                found = [UsdShade.MaterialBindingAPI(target).ComputeBoundMaterial()[0] for target in targets]
                bound.append(any(found))
    size = UsdGeom.BBoxCache(Usd.TimeCode.Default(), [UsdGeom.Tokens.default_]).ComputeWorldBound(
        stage.GetDefaultPrim()
    )
    print(
        json.dumps(
            {
                "default_prim": stage.GetDefaultPrim().GetDisplayName(),
                "kind": Usd.ModelAPI(stage.GetDefaultPrim()).GetKind(),
                "meters_per_unit": UsdGeom.GetStageMetersPerUnit(stage),
                "up_axis": UsdGeom.GetStageUpAxis(stage),
                "instances": len(instances),
                "prototypes": len(stage.GetPrototypes()),
                "names": sorted({prim.GetDisplayName() for prim in instances}),
                "part_keys": sorted(prim.GetAttribute("userProperties:part_key").Get() for prim in instances),
                "all_bound": bool(bound) and all(bound),
                "size": list(size.ComputeAlignedRange().GetSize()),
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
