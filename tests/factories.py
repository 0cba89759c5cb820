"""Rows for tests, as the application would have written them."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE, Lane
from media_assets.ingest import conversions
from media_assets.ingest.publish import publish
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.recipes import recipe_key
from media_assets.recipes.receipt import Receipt
from rendering.catalog.plan import recipes_for
from rendering.models import Job, OutputType
from rendering.pictures import exr
from rendering.queue import claims
from rendering.queue.claims import Claim

_numbers = itertools.count(1)


def user(**fields: Any) -> User:
    return User.objects.create_user(f"user{next(_numbers)}", **fields)


def cad_file(**fields: Any) -> CadFile:
    number = next(_numbers)
    name = default_storage.save(f"cad/{number:064d}.step", ContentFile(b"ISO-10303-21;"))
    return CadFile.objects.create(
        **{
            "sha256": f"{number:064d}",
            "file": name,
            "original_name": f"part{number}.step",
            "bytes": 13,
            "format": "step",
            **fields,
        }
    )


def product(**fields: Any) -> Product:
    if "cad_file" not in fields:
        fields["cad_file"] = cad_file()
    return Product.objects.create(**{"number": f"P-{next(_numbers)}", **fields})


def output_type(slug: str = "draft", **fields: Any) -> OutputType:
    """The default output type of this slug, or a new one with these fields."""
    if not fields:
        return OutputType.objects.get(slug=slug)
    return OutputType.objects.create(**{"slug": slug, "name": slug, **fields})


def job(**fields: Any) -> Job:
    kind = fields.get("kind", Job.Kind.RENDER)
    lane, queue = (Lane.LIGHT, PRIMARY_QUEUE) if kind == Job.Kind.RENDER else (Lane.CPU, CPU_QUEUE)
    if "cad_file" not in fields:
        fields["cad_file"] = cad_file()
    return claims.create(
        **{
            "kind": kind,
            "recipe_key": f"key{next(_numbers)}",
            "priority": 50,
            "lane": lane,
            "queue": queue,
            **fields,
        }
    )


def claim(queue: str = PRIMARY_QUEUE, worker: str = "elsewhere:boot:1:1", geometry_key: str = "") -> Claim:
    taken = claims.claim(queue, worker, geometry_key)
    assert taken is not None
    return taken


def geometry(cad: CadFile, tmp_path: Path, preset: str = "standard") -> MediaAsset:
    source = tmp_path / f"{next(_numbers)}.glb"
    source.write_bytes(b"glTF" + cad.sha256.encode())
    return publish(
        source,
        kind=MediaAsset.Kind.GLTF_GEOMETRY,
        format_name="glb",
        recipe=conversions.geometry_recipe(cad, preset),
        receipt=Receipt(),
        cad_file=cad,
    )


def picture(path: Path, size: tuple[int, int] = (64, 64)) -> Path:
    """A PNG that is not blank."""
    Image.linear_gradient("L").resize(size).convert("RGB").save(path)
    return path


def detailed(path: Path, side: int = 1024) -> Path:
    """A square PNG over which a lossless encoder takes seconds."""
    y, x = np.mgrid[0:side, 0:side] / side
    light = np.stack([x, y, 0.5 + 0.5 * np.sin(40 * x * y)], axis=-1)
    light += np.random.default_rng(1).normal(0, 0.01, light.shape)
    Image.fromarray((255 * light.clip(0, 1)).astype(np.uint8)).save(path, compress_level=0)
    return path


def light(path: Path, size: tuple[int, int] = (64, 64)) -> Path:
    """An EXR that is not blank: half of it lit, twice as bright as white."""
    pixels = np.zeros((size[1], size[0], 4), dtype=np.float16)
    pixels[: size[1] // 2] = (2.0, 2.0, 2.0, 1.0)
    exr.write(path, pixels, {})
    return path


def master(cad: CadFile, kind: OutputType, tmp_path: Path, size: tuple[int, int] | None = None) -> MediaAsset:
    width, height = size or (kind.width, kind.height)
    wanted = recipes_for(cad, kind)
    return publish(
        picture(tmp_path / f"{next(_numbers)}.png", (width, height)),
        kind=MediaAsset.Kind.RENDER_MASTER,
        format_name="png",
        recipe=wanted.master(width, height),
        receipt=Receipt(device_used="CPU", seconds={"sample": 1.5}),
        cad_file=cad,
        width=width,
        height=height,
        view_key=recipe_key(wanted.view),
    )
