"""Frames on the shared disk: there or not, whole or not, and gone when nobody wants them."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from gpu.models import GpuDevice
from gpu.queues.topology import build
from media_assets import storage
from media_assets.recipes.receipt import Receipt
from rendering.orders import films
from rendering.pictures import frames, gate
from rendering.pictures.frames import DamagedFrame, Frames
from rendering.queue.dispatch import Routes
from tests.media import mount, place_of
from tests.rendering.films import drawn

SIZE = {"width": 48, "height": 48}


@pytest.fixture
def film() -> Frames:
    mount()
    film = Frames("a" * 64, 4, 48, 48)
    film.make_folder()
    return film


def put(film: Frames, *numbers: int) -> None:
    for number in numbers:
        drawn(number, 8).save(place_of(film.frame(number)))
        film.accept(number, Receipt(device_used="CPU"), SIZE)


def test_a_frame_counts_once_it_was_checked(film: Frames) -> None:
    put(film, 1, 3)
    drawn(2, 8).save(place_of(film.frame(2)))
    assert film.missing() == [2, 4]


def test_a_folder_that_is_not_there_has_no_frame() -> None:
    assert Frames("b" * 64, 2, 48, 48).missing() == [1, 2]


@pytest.mark.parametrize("size", [(48, 47), (32, 32)])
def test_a_frame_of_another_size_is_not_accepted(film: Frames, size: tuple[int, int]) -> None:
    drawn(1, 8, size).save(place_of(film.frame(1)))
    with pytest.raises(gate.GateError):
        film.accept(1, Receipt(), SIZE)
    assert not place_of(film.frame(1)).exists()


def test_a_frame_whose_bytes_changed_is_none(film: Frames) -> None:
    put(film, 1, 2)
    data = bytearray(place_of(film.frame(1)).read_bytes())
    data[len(data) // 2] ^= 1
    place_of(film.frame(1)).write_bytes(data)
    assert (film.has(1), film.has(2)) == (False, True)
    assert film.missing() == [1, 3, 4]


def test_a_seal_that_was_cut_off_is_none(film: Frames) -> None:
    put(film, 1)
    place_of(film.seal(1)).write_text('{"sha256": "ab')
    assert not film.has(1)


def test_the_same_frames_are_the_same_archive(film: Frames, tmp_path: Path) -> None:
    put(film, 1, 2, 3, 4)
    film.pack(tmp_path / "one.zip", lambda _: None)
    for number in range(1, 5):
        os.utime(place_of(film.frame(number)), (0, 0))
    film.pack(tmp_path / "other.zip", lambda _: None)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "other.zip").read_bytes()


def test_a_damaged_frame_is_named_and_deleted(film: Frames, tmp_path: Path) -> None:
    put(film, 1, 2, 3, 4)
    place_of(film.frame(3)).write_bytes(b"\x89PNG")
    with pytest.raises(DamagedFrame, match="Frames 3 are"):
        film.pack(tmp_path / "film.zip", lambda _: None)
    assert film.missing() == [3]


def test_a_forced_film_forgets_what_was_there_before(film: Frames) -> None:
    put(film, 1, 2)
    then = time.time() - 60
    os.utime(place_of(film.seal(1)), (then, then))
    film.forget(before=timezone.now() - timedelta(seconds=30))
    assert film.missing() == [1, 3, 4]


def test_frames_are_swept_a_week_after_anybody_wanted_them(film: Frames) -> None:
    other = Frames("b" * 64, 4, 48, 48)
    fresh = Frames("c" * 64, 4, 48, 48)
    for one in (film, other, fresh):
        one.make_folder()
        put(one, 1)
    then = time.time() - 7 * 86_400 - 60
    for one in (film, other):
        os.utime(place_of(one.folder), (then, then))
    assert frames.sweep(lambda: {other.key}, lambda _: set(), days=7) == 1
    assert [place_of(one.folder).exists() for one in (film, other, fresh)] == [False, True, True]


def test_frames_whose_master_is_there_are_swept_whatever_their_age(film: Frames) -> None:
    other = Frames("b" * 64, 4, 48, 48)
    other.make_folder()
    both = {film.key, other.key}
    assert frames.sweep(lambda: {other.key}, lambda keys: keys & both, days=None) == 1, (
        "one is rendered again"
    )
    assert [place_of(one.folder).exists() for one in (film, other)] == [False, True]


def test_what_media_that_are_away_hide_is_neither_damaged_nor_deleted(
    film: Frames, tmp_path: Path, settings: Any
) -> None:
    put(film, 1, 2, 3)
    drawn(4, 8).save(place_of(film.frame(4)))
    media, away = Path(settings.MEDIA_ROOT), tmp_path / "away"
    media.rename(away)
    for ask in (
        lambda: film.accept(4, Receipt(), SIZE),
        lambda: film.has(1),
        lambda: film.pack(tmp_path / "film.zip", lambda _: None),
        film.make_folder,
    ):
        with pytest.raises(storage.StorageAway):
            ask()
    assert not media.exists()
    away.rename(media)
    assert [film.has(number) for number in (1, 2, 3)] == [True, True, True] and film.missing() == [4]


def test_a_frame_that_is_not_where_it_was_written_a_moment_ago_was_away_with_the_media(film: Frames) -> None:
    with pytest.raises(storage.StorageAway):
        film.accept(1, Receipt(), SIZE)


@pytest.mark.parametrize(
    ("gpus", "missing", "parts"),
    [
        (0, [1, 2, 3, 4, 5, 6], [[1, 4, 6], [2, 3, 5]]),
        (1, [1, 2, 3, 4, 5, 6], [[1, 4, 6], [2, 3, 5]]),
        (2, [1, 2, 3, 4, 5, 6, 7, 8], [[1, 5, 8], [2, 3], [4, 6, 7]]),
        (3, [2, 3, 4], [[2], [3], [4]]),
        (3, [5], [[5]]),
        (1, [1, 4], [[1, 4]]),
    ],
)
def test_a_film_is_split_over_the_gpus_that_may_take_it(
    gpus: int, missing: list[int], parts: list[list[int]]
) -> None:
    devices = [
        GpuDevice(host="h", backend="OPTIX", vendor_id=f"GPU-{number}", serves_light=False)
        for number in range(gpus)
    ]
    routes = Routes(1024, build(devices, cpu_workers=1))
    assert films.parts(8 if max(missing) > 6 or gpus == 3 else 6, missing, routes) == parts
