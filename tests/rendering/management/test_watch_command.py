"""manage.py watch: what is dropped into a folder is taken in once, whole, or moved aside with the reason."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from media_assets.ingest import receive as ingest
from media_assets.ingest import watching
from media_assets.ingest.watching import Watcher
from media_assets.models import CadFile, Product
from media_assets.storage import StorageFull
from rendering.models import HistoryEntry
from tests import factories
from tests.conftest import SAMPLE
from tests.rendering.shell import Shell

pytestmark = [pytest.mark.django_db, pytest.mark.database]

NOW = ("--once", "--settle", "0", "--every", "0.01")


@pytest.fixture
def box(tmp_path: Path) -> Path:
    folder = tmp_path / "box"
    folder.mkdir()
    return folder


def lies(folder: Path) -> list[str]:
    """What is in the folder and below it, without dates and the lock."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(
        f"{one.parts[0]}/{one.name}" if len(one.parts) > 1 else one.name
        for one in found
        if one.name != watching.LOCK
    )


def test_what_is_dropped_is_taken_in_and_what_is_no_cad_is_moved_aside_with_the_reason(
    box: Path, manage: Shell
) -> None:
    data = SAMPLE.read_bytes()
    (box / "bearing.step").write_bytes(data)
    (box / "same.step").write_bytes(data)
    (box / "half.step").write_bytes(data[:9000])
    (box / "letter.step").write_bytes(b"Dear Sir")
    (box / "copying.step.part").write_bytes(data[:100])
    (box / ".hidden.step").write_bytes(data)
    (box / "link.step").symlink_to("/etc/passwd")
    (box / "folder").mkdir()
    (box / "bad\udcff\n.step").write_bytes(b"")
    said = manage("watch", box, *NOW, "--customer", "Acme", "--tag", "a", "--tag", "b", "--json")
    assert said.code == 1, "something was refused"
    assert lies(box) == [
        ".hidden.step",
        "copying.step.part",
        "link.step",
        *(f"refused/{name}" for name in ("bad .step", "bad .step.txt")),
        *(f"refused/{name}" for name in ("half.step", "half.step.txt", "letter.step", "letter.step.txt")),
        "taken/bearing.step",
        "taken/same.step",
    ]
    assert "not a CAD file" in (box / "refused" / "letter.step.txt").read_text()
    assert "Product: half" in (box / "refused" / "half.step.txt").read_text()
    states = {one["name"]: one["state"] for one in said.document}
    assert states["bearing.step"] == states["same.step"] == "taken" and states["letter.step"] == "refused"
    product = Product.objects.get(number="bearing")
    assert str(product.customer) == "Acme" and sorted(map(str, product.tags.all())) == ["a", "b"]
    assert HistoryEntry.objects.filter(verb="upload", via="manage.py watch").exists()


def test_a_half_written_file_is_left_until_it_has_settled(box: Path) -> None:
    taken: list[str] = []

    def take(path: Path, name: str) -> list[ingest.Arrival]:
        taken.append(path.read_bytes().decode())
        return []

    watcher = Watcher(box, take, settle=0.0)
    file = box / "a.step"
    with file.open("w") as writer:
        writer.write("first half, ")
        writer.flush()
        assert list(watcher.look()) == [] and list(watcher.look()) == [], "somebody writes to it"
        writer.write("second half")
    slow = Watcher(box, take, settle=1e9)
    assert list(slow.look()) == [] == list(slow.look())
    assert [one.name for one in watcher.look()] == ["a.step"]
    assert taken == ["first half, second half"] and lies(box) == ["taken/a.step"]


def test_a_watcher_that_was_killed_goes_on_and_makes_nothing_twice(
    box: Path, manage: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    (box / "bearing.step").write_bytes(SAMPLE.read_bytes())
    with monkeypatch.context() as patched:
        patched.setattr(watching, "_move", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            manage("watch", box, *NOW)
    assert lies(box) == ["bearing.step"] and Product.objects.count() == 1
    assert manage("watch", box, *NOW).code == 0
    assert lies(box) == ["taken/bearing.step"] and Product.objects.count() == CadFile.objects.count() == 1


def test_a_full_disk_lets_files_wait_and_one_that_can_not_be_moved_stops_no_other(
    box: Path, manage: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    (box / "a.step").write_bytes(SAMPLE.read_bytes())
    with monkeypatch.context() as patched:
        patched.setattr(ingest, "receive_all", lambda *_, **__: (_ for _ in ()).throw(StorageFull(9, 1)))
        said = manage("watch", box, *NOW, "--json")
    assert said.document[0]["state"] == "waiting" and lies(box) == ["a.step"]
    os.utime(box / "a.step", (1, 1))
    (box / "b.txt").write_bytes(b"no CAD")
    real = watching._move

    def move(path: Path, folder: Path) -> Path:
        if path.name == "a.step":
            raise PermissionError("It is not yours.")
        return real(path, folder)

    with monkeypatch.context() as patched:
        patched.setattr(watching, "_move", move)
        manage("watch", box, *NOW)
    assert lies(box) == ["a.step", "refused/b.txt", "refused/b.txt.txt"]


def test_a_file_named_as_a_product_revises_it_and_an_earlier_revision_is_refused(
    box: Path, manage: Shell
) -> None:
    first = factories.cad_file()
    product = factories.product(number="30205", cad_file=first)
    (box / "30205.step").write_bytes(SAMPLE.read_bytes())
    assert manage("watch", box, *NOW, "--revise").code == 0
    product.refresh_from_db()
    assert product.cad_file != first and Product.objects.count() == 1
    ingest.assign(product, first)
    (box / "old.step").write_bytes(SAMPLE.read_bytes())
    assert manage("watch", box, *NOW).code == 1
    assert "revision 2 of product 30205" in (box / "refused" / "old.step.txt").read_text()


def test_one_folder_has_one_watcher_and_a_wrong_one_is_said(box: Path, manage: Shell) -> None:
    with watching.alone(box):
        said = manage("watch", box, *NOW)
    assert said.code == 2 and "Another watcher" in said.err
    assert manage("watch", box / "no", *NOW).code == 2
    assert manage("watch", box, *NOW, "--customer", "a,b").code == 2
    assert manage("watch", box, "--once", "--every", "0").code == 2
