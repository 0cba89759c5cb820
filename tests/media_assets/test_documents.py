from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from media_assets import conversions, documents, storage
from media_assets.cad.contract import Kept
from media_assets.models import CadFile, MediaAsset
from tests import factories

pytestmark = pytest.mark.django_db


def recipe(cad: CadFile, preset: str = "draft", **tools: str) -> dict[str, Any]:
    made = dict(conversions.geometry_recipe(cad, preset))
    return {**made, "tools": {**made["tools"], **tools}}


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    path = tmp_path / "document.xbf"
    path.write_bytes(b"BINFILE" * 100)
    return Kept(str(path), {"scan": {"format": "step"}, "opened": {"unit": "inch"}})


def test_document_serves_every_quality_and_every_writer(kept: Kept) -> None:
    cad = factories.cad_file()
    assert documents.keep(kept, cad, recipe(cad, "draft"), None) == ""
    found, lookup = documents.find(cad, recipe(cad, "fine", **{"usd-core": "99"}))
    assert str(lookup) == "hit"
    assert found is not None
    assert found.learned == kept.learned
    assert Path(found.path).read_bytes() == Path(kept.path).read_bytes()
    assert MediaAsset.objects.get().path.suffix == ".xbf"


def test_document_of_another_reader_or_reading_is_not_used_and_the_difference_named(kept: Kept) -> None:
    cad = factories.cad_file()
    documents.keep(kept, cad, recipe(cad), None)
    assert documents.find(cad, recipe(cad, converter="99"))[0] is None
    other = {**recipe(cad), "reading": {"code_page": "cp1251"}}
    assert str(documents.find(cad, other)[1]) == "miss: reading changed"
    assert str(documents.find(cad, recipe(cad, converter="99"))[1]) == "miss: tools.converter changed"


def test_document_of_another_file_is_not_used(kept: Kept) -> None:
    cad = factories.cad_file()
    documents.keep(kept, cad, recipe(cad), None)
    other = factories.cad_file()
    assert documents.find(other, recipe(other)) == (None, documents.Lookup(False, why="none was kept"))


@pytest.mark.parametrize("how", ["gone", "changed"])
def test_document_that_is_not_as_stored_is_never_opened(how: str, kept: Kept) -> None:
    cad = factories.cad_file()
    documents.keep(kept, cad, recipe(cad), None)
    path = MediaAsset.objects.get().path
    if how == "gone":
        path.unlink()
    else:
        path.chmod(0o600)
        path.write_bytes(b"BINFILX" * 100)
    found, lookup = documents.find(cad, recipe(cad))
    assert found is None
    assert str(lookup).startswith("miss: the kept document is ")


def test_nothing_is_kept_when_the_disk_is_nearly_full(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage, "free_bytes", lambda folder: 1_000_000_000)
    cad = factories.cad_file()
    assert "only 1.0 GB are free" in documents.keep(kept, cad, recipe(cad), None)
    assert not MediaAsset.objects.exists()


def test_full_storage_is_no_reason_to_fail(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise storage.StorageFull(1, 0)

    monkeypatch.setattr(storage, "store", full)
    cad = factories.cad_file()
    assert documents.keep(kept, cad, recipe(cad), None).startswith("what was read is not kept")


def test_kept_again_after_damage_is_the_new_document(kept: Kept, tmp_path: Path) -> None:
    cad = factories.cad_file()
    documents.keep(kept, cad, recipe(cad), None)
    MediaAsset.objects.get().path.unlink()
    newer = tmp_path / "newer.xbf"
    newer.write_bytes(b"BINFILE" * 90)
    documents.keep(dataclasses.replace(kept, path=str(newer)), cad, recipe(cad), None)
    assert documents.find(cad, recipe(cad))[1].hit
