from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from media_assets import storage
from media_assets.cad.contract import Kept
from media_assets.ingest import conversions, documents
from media_assets.models import CadFile, MediaAsset
from media_assets.storage import disk
from tests import factories
from tests.media import path_of

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
    assert found.how_made.learned == kept.learned
    assert path_of(found).read_bytes() == Path(kept.path).read_bytes()
    assert path_of(MediaAsset.objects.get()).suffix == ".xbf"


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
    path = path_of(MediaAsset.objects.get())
    if how == "gone":
        path.unlink()
    else:
        path.chmod(0o600)
        path.write_bytes(b"BINFILX" * 100)
    found, lookup = documents.find(cad, recipe(cad))
    assert found is None
    assert str(lookup).startswith("miss: the kept document is ")


def test_nothing_is_kept_when_the_disk_is_nearly_full(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "free_bytes", lambda folder: 1_000_000_000)
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
    path_of(MediaAsset.objects.get()).unlink()
    newer = tmp_path / "newer.xbf"
    newer.write_bytes(b"BINFILE" * 90)
    documents.keep(dataclasses.replace(kept, path=str(newer)), cad, recipe(cad), None)
    assert documents.find(cad, recipe(cad))[1].hit


def test_documents_that_can_not_be_used_any_more_are_swept_with_their_files(
    kept: Kept, tmp_path: Path
) -> None:
    useful, reread, shared = (factories.cad_file() for _ in range(3))
    documents.keep(kept, useful, recipe(useful), None)
    documents.keep(kept, shared, recipe(shared, converter="1"), None)
    own = tmp_path / "own.xbf"
    own.write_bytes(b"BINFILE" * 200)
    documents.keep(Kept(str(own), {}), reread, {**recipe(reread), "reading": {"code_page": "cp1251"}}, None)
    gone = path_of(reread.assets.get())
    assert documents.space() == (3, 700 + 700 + 1400)
    assert documents.sweep() == 2
    assert [asset.cad_file for asset in MediaAsset.objects.all()] == [useful]
    assert path_of(useful.assets.get()).exists(), "the swept one with the same bytes shared its file"
    assert not gone.exists()
    assert documents.find(useful, recipe(useful, "fine"))[0] is not None
    assert documents.sweep() == 0


def test_new_tools_make_every_document_useless_and_leave_other_assets_alone(
    kept: Kept, tmp_path: Path
) -> None:
    cad = factories.cad_file()
    geometry = factories.geometry(cad, tmp_path)
    documents.keep(kept, cad, recipe(cad), None)
    CadFile.objects.update(converter=99)
    assert documents.sweep() == 1
    assert list(MediaAsset.objects.all()) == [geometry] and path_of(geometry).exists()
    assert documents.space() == (0, 0)


def test_document_whose_file_can_not_be_deleted_is_left_for_the_next_time(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "read-only")

    cad = factories.cad_file()
    documents.keep(kept, cad, recipe(cad, converter="1"), None)
    with monkeypatch.context() as read_only:
        read_only.setattr(default_storage, "delete", refuse)
        assert documents.sweep() == 0
    assert documents.sweep() == 1
