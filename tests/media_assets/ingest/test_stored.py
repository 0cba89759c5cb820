"""Files of deleted rows: which go, which stay, and what happens when somebody needs one in that instant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from media_assets import storage
from media_assets.ingest import stored
from media_assets.models import CadFile, MediaAsset
from tests import factories

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_names_are_those_of_files_posters_and_reports(tmp_path: Path) -> None:
    cad = factories.cad_file()
    asset = factories.geometry(cad, tmp_path)
    asset.poster, asset.receipt = "poster/ab/x.webp", {"report": "report/ab/x.json"}
    asset.save()
    names = stored.names_of(CadFile.objects.all(), MediaAsset.objects.all())
    assert names == {cad.file.name, asset.file.name, "poster/ab/x.webp", "report/ab/x.json"}
    assert stored.in_use([*names, "else/x"]) == names
    MediaAsset.objects.all().delete()
    assert stored.in_use(names) == {cad.file.name}


def test_a_file_without_a_row_goes_and_one_that_is_gone_already_is_no_trouble() -> None:
    name = storage.store_bytes(b"x", "still", ".png").name
    stored.delete_unused([name, "still/ab/none.png"])
    assert not storage.exists(name)


def test_a_file_that_gets_a_row_in_that_instant_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cad = factories.cad_file()
    name, looks, look = str(cad.file.name), [], stored.in_use

    def late(names: Any) -> set[str]:
        looks.append(names)
        return set() if len(looks) == 1 else look(names)

    monkeypatch.setattr(stored, "in_use", late)
    stored.delete_unused([name])
    assert len(looks) == 2 and storage.exists(name)


def test_what_can_not_be_deleted_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    name = storage.store_bytes(b"x", "still", ".png").name

    def refused(*_: object) -> int:
        raise PermissionError("Permission denied")

    monkeypatch.setattr(storage, "discard", refused)
    stored.delete_unused([name])
    assert f"The file {name} of a deleted row stays: Permission denied" in caplog.text
