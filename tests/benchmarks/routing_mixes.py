"""What the simulated hosts have to render: jobs, when they arrive, and how long each takes."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from rendering.models.order import DEFAULT_PRIORITY, THUMBNAIL_LEAD

# Seconds on the CPU of this machine (docs/benchmarks.md, docs/decisions.md). Only their proportions matter here.
THUMBNAIL = 3.7  # 256 px, warm, measured
STILL = 94.0  # 1024 px, measured
LARGE_STILL = STILL * (2048 / 1024) ** 2  # not measured: by its pixels
TURNTABLE = 72 * STILL * (720 / 1024) ** 2  # not measured: 72 frames of 720 px, by their pixels
OTHER_GEOMETRY = 0.7  # what a render takes longer when the warm Blender has another geometry loaded, measured

UPLOAD, ORDER = 60, DEFAULT_PRIORITY  # the priorities of the upload workflow and of an order
SPREAD = 0.3  # products differ: each takes this much more or less than the sample, at most


@dataclass(frozen=True)
class Render:
    """One job: what it is, when it arrives, how long a GPU of speed 1 takes for it (s) with its geometry loaded."""

    kind: str
    product: int
    arrives: float
    seconds: float
    size: int
    frames: int | None = None
    priority: int = ORDER

    @property
    def geometry(self) -> str:
        return f"product {self.product}"

    @property
    def frame_seconds(self) -> float:
        """What each frame of a turntable takes, on a GPU of speed 1."""
        return self.seconds / (self.frames or 1)

    @property
    def is_thumbnail(self) -> bool:
        return self.kind == "thumbnail"


@dataclass(frozen=True)
class Mix:
    """A day's work, and the speed of the GPUs that do it: the first of 1, 2, 4 or 8."""

    name: str
    renders: tuple[Render, ...]
    speeds: tuple[float, ...] = (1.0,) * 8


class Studio:
    """Makes the jobs of one mix; the same seed makes the same ones."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.factors: dict[int, float] = {}

    def render(self, kind: str, product: int, arrives: float, *, priority: int = ORDER) -> Render:
        seconds, size, frames = {
            "thumbnail": (THUMBNAIL, 256, None),
            "still": (STILL, 1024, None),
            "large still": (LARGE_STILL, 2048, None),
            "turntable": (TURNTABLE, 720, 72),
        }[kind]
        factor = self.factors.setdefault(product, self.random.uniform(1 - SPREAD, 1 + SPREAD))
        lead = THUMBNAIL_LEAD if kind == "thumbnail" else 0
        return Render(kind, product, arrives, seconds * factor, size, frames, priority + lead)

    def uploads(self, products: range, start: float, pause: float) -> Iterator[Render]:
        """Thumbnails of products that arrive one after the other."""
        for index, product in enumerate(products):
            yield self.render("thumbnail", product, start + index * pause, priority=UPLOAD)


def catalog(studio: Studio) -> Iterator[Render]:
    """A catalog is taken in: a thumbnail and a still of each product, a large still of every fifth."""
    products = range(60)
    yield from studio.uploads(products, 0.0, 3.0)
    for product in products:
        yield studio.render("still", product, 180.0)
        if product % 5 == 0:
            yield studio.render("large still", product, 180.0)


def turntables(studio: Studio) -> Iterator[Render]:
    """Turntables for days, and products that arrive meanwhile."""
    for product in range(24):
        yield studio.render("turntable", product, 0.0)
    for hour in range(4):
        products = range(100 + 10 * hour, 110 + 10 * hour)
        yield from studio.uploads(products, 600.0 + 3600.0 * hour, 5.0)
        for product in products:
            yield studio.render("still", product, 700.0 + 3600.0 * hour)


def bursts(studio: Studio) -> Iterator[Render]:
    """Stills and some turntables all day, and three times a whole folder of CAD files at once."""
    for product in range(4):
        yield studio.render("turntable", product, 0.0)
    for product in range(10, 50):
        yield studio.render("still", product, studio.random.uniform(0.0, 3600.0))
    for product in range(50, 60):
        yield studio.render("large still", product, studio.random.uniform(0.0, 3600.0))
    for number in range(3):
        yield from studio.uploads(range(100 + 30 * number, 130 + 30 * number), 300.0 + 1200.0 * number, 0.0)


def formats(studio: Studio) -> Iterator[Render]:
    """Products in many views, one order: thumbnails and stills of two views, a large one, a turntable."""
    products = range(20)
    yield from studio.uploads(products, 0.0, 5.0)
    for product in products:
        for _ in range(2):
            yield studio.render("still", product, 120.0)
            yield studio.render("thumbnail", product, 120.0)
        yield studio.render("large still", product, 120.0)
        yield studio.render("turntable", product, 120.0)


MIXES: dict[str, Callable[[Studio], Iterator[Render]]] = {
    "catalog": catalog,
    "turntables": turntables,
    "bursts": bursts,
    "many formats": formats,
    "uneven GPUs": bursts,
}
UNEVEN = (0.5, 1.0, 0.75, 0.5, 1.0, 0.25, 0.75, 1.0)


def mixes(seed: int = 1) -> list[Mix]:
    """Return all mixes, their jobs in the order of their arrival."""
    return [
        Mix(
            name,
            tuple(sorted(make(Studio(seed)), key=lambda render: render.arrives)),
            UNEVEN if name == "uneven GPUs" else (1.0,) * 8,
        )
        for name, make in MIXES.items()
    ]
