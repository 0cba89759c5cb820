"""A tiny film for tests: a slab on real geometry, six frames, rendered by a real Blender in this process."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageDraw

from gpu.queues.topology import CPU_QUEUE, PRIMARY_QUEUE
from media_assets.ingest import conversions
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset, Product
from media_assets.recipes import recipe_key
from media_assets.recipes.receipt import Receipt
from rendering.catalog.plan import recipes_for
from rendering.farm import execute, warm
from rendering.models import OutputType
from rendering.pictures.frames import Frames
from rendering.queue import lease as lease_module
from tests import factories
from tests.blender_scripts.glb import write_box
from tests.media import place_of

TINY: dict[str, Any] = {
    "kind": "turntable",
    "format": "mp4",
    "width": 48,
    "height": 48,
    "frames": 6,
    "fps": 24,
    "samples": 1,
    "noise_threshold": 0.0,
    "denoise": False,
    "ground": "none",
    "soft_edges": False,
}


def film_type(slug: str = "tiny-film", **fields: Any) -> OutputType:
    return factories.output_type(slug, **{**TINY, **fields})


def product(tmp_path: Path, size: tuple[float, float, float] = (0.3, 0.05, 0.1)) -> Product:
    """A product whose geometry is there: a red slab that looks different from every side."""
    made = factories.product()
    assert made.cad_file is not None
    source = write_box(tmp_path / f"{made.pk}.glb", size=size, color=(0.6, 0.05, 0.02))
    publish(
        source,
        kind=MediaAsset.Kind.GLTF_GEOMETRY,
        format_name="glb",
        recipe=conversions.geometry_recipe(made.cad_file, "standard"),
        receipt=Receipt(),
        cad_file=made.cad_file,
    )
    return made


def film_of(made: Product, kind: OutputType) -> Frames:
    assert made.cad_file is not None
    return Frames.of(recipes_for(made.cad_file, kind).master(kind.width, kind.height))


def work(queues: tuple[str, ...] = (PRIMARY_QUEUE, CPU_QUEUE), rounds: int = 4) -> None:
    """Let the workers of *queues* do what waits, in turns, as their messages would."""
    for _ in range(rounds):
        if not sum(execute.work(queue) for queue in queues):
            return


def drawn(number: int, total: int, size: tuple[int, int] = (48, 48)) -> Image.Image:
    """A frame that was not rendered: a disc that goes round, its shadow, and nothing else."""
    image = Image.new("RGBA", size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    left = round((size[0] - 20) * (number - 1) / max(1, total - 1))
    pen.rectangle((0, size[1] - 8, size[0], size[1] - 4), fill=(0, 0, 0, 90))
    pen.ellipse((left, 8, left + 20, 28), fill=(190, 40 + 20 * number % 200, 50, 255))
    return image


def film_master(made: Product, kind: OutputType, tmp_path: Path) -> MediaAsset:
    """The render master of a film that was drawn."""
    film = film_of(made, kind)
    film.make_folder()
    for number in range(1, film.total + 1):
        drawn(number, film.total, (film.width, film.height)).save(place_of(film.frame(number)))
        film.accept(number, Receipt(device_used="CPU"), {"width": film.width, "height": film.height})
    target = tmp_path / f"{film.key}.zip"
    film.pack(target, lambda _: None)
    film.remove()
    assert made.cad_file is not None
    wanted = recipes_for(made.cad_file, kind)
    return publish(
        target,
        kind=MediaAsset.Kind.RENDER_MASTER,
        format_name="frames",
        recipe=wanted.master(kind.width, kind.height),
        receipt=Receipt(device_used="CPU", seconds={"sample": 1.5}, frames=film.total),
        cad_file=made.cad_file,
        width=kind.width,
        height=kind.height,
        view_key=recipe_key(wanted.view),
    )


@pytest.fixture(autouse=True)
def in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is one transaction: a new connection would not see it."""
    monkeypatch.setattr(lease_module, "close_old_connections", lambda: None)


@pytest.fixture(scope="module", autouse=True)
def no_blender_left() -> Iterator[None]:
    yield
    warm.drop()
