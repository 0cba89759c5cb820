"""The move between folder and bucket: every hash is compared, what was interrupted goes on, nothing is deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as project
from django.core.files.storage import default_storage
from django.core.management import call_command

from media_assets import storage
from media_assets.models import CadFile
from media_assets.storage import MediaMove, Moved, SharedFolder
from tests import factories
from tests.bucket import Server, use
from tests.rendering.desk.conftest import picture_of

pytestmark = pytest.mark.django_db


def ignore(_: Moved) -> None:
    """Whoever moves tells how far it is."""


def folder_files() -> dict[str, bytes]:
    root = Path(project.MEDIA_ROOT)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


@pytest.fixture
def names(tmp_path: Path) -> dict[str, str]:
    """Files in the folder, with their SHA-256; one of them has a name that does not say it. And two frames."""
    some = [storage.store_bytes(b"bytes %d" % number, "cad", ".step") for number in range(5)]
    (tmp_path / "preview").write_bytes(b"preview")
    storage.store_as(tmp_path / "preview", "hdri/ab/abc.preview.webp")
    film = SharedFolder("frames").folder("film")
    film.make()
    for name in ("frame_1.png", "frame_1.json"):
        film.file(name).write(name.encode())
    return {one.name: one.sha256 for one in some} | {"hdri/ab/abc.preview.webp": ""}


def test_there_and_back_again(names: dict[str, str], object_server: Server, settings: Any) -> None:
    before = folder_files()
    use(object_server, settings)
    first = MediaMove(to_bucket=True).copy(names, ignore)
    assert (first.copied, first.there, first.wrong) == (8, 0, {}) and first.bytes > 0
    again = MediaMove(to_bucket=True).copy(names, ignore)
    assert (again.copied, again.there, again.wrong) == (0, 8, {})
    assert MediaMove(to_bucket=True).verify(names, ignore).there == 6
    assert SharedFolder("frames").folder("film").file("frame_1.png").read() == b"frame_1.png"
    settings.MEDIA_ROOT = Path(settings.MEDIA_ROOT).with_name("other")
    assert MediaMove(to_bucket=False).copy(names, ignore).copied == 8
    assert MediaMove(to_bucket=False).copy(names, ignore).there == 8
    assert MediaMove(to_bucket=False).verify(names, ignore).there == 6
    assert folder_files() == before


def test_what_is_damaged_is_named_and_not_copied(
    names: dict[str, str], object_server: Server, settings: Any
) -> None:
    damaged, missing, *_ = names
    (Path(settings.MEDIA_ROOT) / damaged).write_bytes(b"rotten")
    (Path(settings.MEDIA_ROOT) / missing).unlink()
    use(object_server, settings)
    done = MediaMove(to_bucket=True).copy(names, ignore)
    assert done.wrong == {damaged: "damaged", missing: "missing"} and not storage.exists(damaged)
    objects: Any = default_storage
    other = list(names)[2]
    objects.bucket.write(other, b"rotten there")
    assert MediaMove(to_bucket=True).verify(names, ignore).wrong == done.wrong | {
        damaged: "missing",
        other: "damaged",
    }
    assert other not in MediaMove(to_bucket=True).copy(names, ignore).wrong  # written over
    assert objects.bucket.read(other) == b"bytes 2"


def test_the_command_moves_what_rows_name(
    tmp_path: Path, object_server: Server, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    asset = picture_of(factories.product(number="one"), tmp_path)
    cad = storage.store_bytes(b"cad", "cad", ".step")
    CadFile.objects.update(file=cad.name, sha256=cad.sha256)
    with pytest.raises(SystemExit, match="2"):
        call_command("move_media", "bucket", "--json")
    assert "MEDIA_STORAGE_URL" in json.loads(capsys.readouterr().out)["error"]
    use(object_server, settings)
    call_command("move_media", "bucket", "--json")
    said: Mapping[str, Any] = json.loads(capsys.readouterr().out)
    assert said["copied"] >= 1 and said["wrong"] == {} and said["to"] == storage.media_place()
    assert storage.exists(asset.file)
    call_command("move_media", "bucket", "--verify")
    assert "files in s3://" in capsys.readouterr().out
    storage.delete(asset.file)
    with pytest.raises(SystemExit, match="1"):
        call_command("move_media", "bucket", "--verify")
    assert f"{asset.file.name}  missing" in capsys.readouterr().out
    call_command("asset", "show", str(asset.pk), "--json")  # its copy went as well
    said = json.loads(capsys.readouterr().out)
    assert said["path"] == storage.shown_path(asset.file)
    assert said["url"].endswith(f"/api/v1/assets/{asset.pk}/file")
    call_command("move_media", "bucket", "--json")
    call_command("asset", "show", str(asset.pk), "--json")
    assert Path(said["path"]).exists()
