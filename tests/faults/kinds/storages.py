"""A media disk that is full, read-only or gone. None of it fails a job: it waits until the disk is there again."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

from tests.faults.registry import Missed, kind
from tests.faults.site import FLOOR_MB, Site


def _is_folder(site: Site) -> str:
    return "" if site.media.is_mounted else "a disk of its own needs root"


@kind(holds="media", lacks=_is_folder)
def disk_full(site: Site, draw: Random) -> Iterator[float]:
    """The media disk is full, 2 to 12 s"""
    site.media.limit(leave=draw.choice((0, 8_192, 65_536)))
    yield draw.uniform(2, 12)
    site.media.free()


@kind(holds="media", lacks=_is_folder)
def disk_low(site: Site, draw: Random) -> Iterator[float]:
    """The media disk is below its floor but not full, 2 to 12 s"""
    site.media.limit(leave=FLOOR_MB * 500_000)
    yield draw.uniform(2, 12)
    site.media.free()


@kind(holds="media", lacks=_is_folder)
def disk_read_only(site: Site, draw: Random) -> Iterator[float]:
    """The media disk is read-only, 2 to 12 s"""
    for _ in range(50):
        try:
            site.media.read_only()
            break
        except RuntimeError:  # somebody writes in this instant
            yield 0.05
    else:
        raise Missed("the disk was always being written")
    yield draw.uniform(2, 12)
    site.media.writable()


@kind(holds="media", lacks=_is_folder)
def disk_unplugged(site: Site, draw: Random) -> Iterator[float]:
    """The media disk is unmounted, an empty folder in its place, 2 to 12 s"""
    site.media.unplug()
    yield draw.uniform(2, 12)
    _leave_what_was_written(site, site.media.root)
    site.media.plug()


@kind(holds="media")
def media_away(site: Site, draw: Random) -> Iterator[float]:
    """The media folder is renamed, 2 to 12 s"""
    away = site.media.root.with_name("away")
    site.media.root.rename(away)
    yield draw.uniform(2, 12)
    if site.media.root.exists():
        _leave_what_was_written(site, site.media.root)
        site.media.root.rmdir()
    away.rename(site.media.root)


def _leave_what_was_written(site: Site, place: Path) -> None:
    """Take aside what was written where the media were not: it would be lost. The checks look for it."""
    lost = site.folder / "lost" / str(time.time_ns())
    for one in list(place.iterdir()):
        lost.mkdir(parents=True, exist_ok=True)
        shutil.move(one, lost / one.name)
