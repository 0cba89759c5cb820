"""A CAD file is taken only where the disk has room for it and for what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from media_assets.ingest import receive, room
from media_assets.models import CadFile, MediaAsset
from media_assets.storage import StorageBelowFloor, disk
from tests import factories
from tests.paths import SAMPLE

pytestmark = pytest.mark.django_db

MB = 1_000_000


def test_how_much_is_made_of_a_file_is_what_was_made_of_the_last_ones(tmp_path: Path) -> None:
    assert room.derived_share() == room.USUAL
    for size in (10, 30):
        cad = factories.cad_file(bytes=size, state=CadFile.State.READY)
        geometry = factories.geometry(cad, tmp_path)
        MediaAsset.objects.filter(pk=geometry.pk).update(bytes=2 * size)
    factories.cad_file(bytes=10_000, state=CadFile.State.FAILED, error_code="damaged")
    assert room.derived_share() == 2.0


def test_a_file_that_leaves_less_than_the_floor_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    size = SAMPLE.stat().st_size
    needed = round(size * (1 + room.USUAL))
    monkeypatch.setattr(disk, "free_bytes", lambda _: 100 * MB)
    with pytest.raises(StorageBelowFloor, match="100 MB free, and 95 MB are kept free") as refusal:
        receive.receive(SAMPLE, "a.step", max_bytes=9 * MB, floor_bytes=100 * MB - needed + 1)
    assert (refusal.value.needed, refusal.value.free) == (needed, 100 * MB)
    assert not CadFile.objects.exists()
    receive.receive(SAMPLE, "a.step", max_bytes=9 * MB, floor_bytes=100 * MB - needed)
    again = receive.receive(SAMPLE, "a.step", max_bytes=9 * MB, floor_bytes=1000 * MB)
    assert again.duplicate, "what is there needs no room"
