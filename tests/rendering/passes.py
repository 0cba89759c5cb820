"""Masters of passes, made up: which part, how far and which way each of a few pixels is, and the product of them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import OpenEXR

from blender_scripts.matte_hash import hash_of
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset, Product
from media_assets.recipes import recipe_key
from media_assets.recipes.receipt import Receipt
from rendering.catalog import plan
from rendering.models import OutputType
from tests import factories, solids
from tests.media import path_of

KEYS = ("/Lager/Ring", "/Lager/Kugel#1", "/Lager/Kugel#2", "/Lager/Ölschraube")
NUMBERS = np.array([[0, 0, 1, 1], [0, 2, 2, 3]])
"""Of the places, from 1, in each pixel: the fourth can't be seen."""


def write_master(path: Path, numbers: Any = NUMBERS, *, mattes: bool = False, **changes: Any) -> Path:
    """Write a master as Blender before 5.0 does: all passes in one part of the EXR."""
    seen = (numbers > 0).astype(np.float32)
    layers = {
        "ViewLayer.Combined.R": (numbers % 256 / 256).astype(np.float32),
        "ViewLayer.Combined.G": (numbers // 256 % 256 / 256).astype(np.float32),
        "ViewLayer.Combined.B": (numbers // 65536 / 256).astype(np.float32),
        "ViewLayer.Combined.A": seen,
        "ViewLayer.Depth.Z": np.where(seen > 0, 2.0 + numbers, 1e10).astype(np.float32),
        **{f"ViewLayer.Normal.{axis}": seen * at for at, axis in enumerate("XYZ", start=-1)},
    }
    if mattes:
        names = np.array([0, *(hash_of(f"part.{at}") for at in range(len(KEYS)))], np.uint32).view(np.float32)
        half = (seen / 2).astype(np.float32)
        layers |= {
            "ViewLayer.CryptoObject00.r": names[numbers],
            "ViewLayer.CryptoObject00.g": half,
            "ViewLayer.CryptoObject00.b": names[np.where(numbers > 0, 3, 0)],
            "ViewLayer.CryptoObject00.a": half,
        }
    layers |= changes.pop("layers", {})
    said = {
        "parts": [{"key": key, "matte": f"part.{at}"} for at, key in enumerate(KEYS)],
        "mm": 10.0,
        **changes,
    }
    with OpenEXR.File({}, layers) as file:
        file.write(str(path.with_suffix(".exr")))
    with zipfile.ZipFile(path, "w") as packed:
        packed.write(path.with_suffix(".exr"), "passes.exr")
        packed.writestr("parts.json", json.dumps(said))
    return path


def product_of_parts(folder: Path) -> Product:
    """A product with a geometry and these parts: a ring, two balls of one kind, a screw."""
    product = factories.product()
    solids.write(path_of(factories.geometry(product.cad_file, folder)), steps=8)
    assert product.cad_file is not None
    nodes = [
        {"product": "Ring", "part_key": KEYS[0], "colors": [""]},
        {"product": "Kugel", "keys": list(KEYS[1:3]), "colors": [""]},
        {"product": "Schraube", "part_key": KEYS[3], "colors": [""]},
    ]
    product.cad_file.tree = {"name": "Lager", "part_key": "/Lager", "children": nodes}
    product.cad_file.tree_key = "tree"
    product.cad_file.save(update_fields=["tree", "tree_key"])
    return product


def published_master(product: Product, kind: OutputType, folder: Path) -> MediaAsset:
    """The passes that a render of *kind*, or of what it needs besides its picture, would leave."""
    assert product.cad_file is not None
    wanted = plan.recipes_for(product.cad_file, kind, product.pk)
    wanted = wanted.passes or wanted
    return publish(
        write_master(folder / f"{kind.slug}.zip", mattes=kind.format == "mattes"),
        kind=MediaAsset.Kind.RENDER_MASTER,
        format_name="passes",
        recipe=wanted.master(kind.width, kind.height),
        receipt=Receipt(),
        cad_file=product.cad_file,
        product=product,
        width=kind.width,
        height=kind.height,
        view_key=recipe_key(wanted.view),
    )
