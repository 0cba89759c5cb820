"""A studio is read once by a confined Blender: its lights, ground and camera's limits are kept, nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db.models import ProtectedError
from PIL import Image

from blender_scripts.launch import BlenderError
from blender_scripts.studios import OwnStudio
from rendering.catalog import plan
from rendering.catalog.images import receiving, studios
from rendering.catalog.images.receiving import preview_name, receive, remove
from rendering.catalog.images.studios import STUDIO, notes_of
from rendering.models import Studio
from tests import factories
from tests.media import path_of
from tests.rendering.studios import forged

pytestmark = [pytest.mark.django_db, pytest.mark.blender]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    try:
        plan.blender()
    except BlenderError as error:
        pytest.skip(str(error))
    return forged(tmp_path_factory.mktemp("studios"))


@pytest.fixture
def unphotographed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the picture, which takes seconds."""
    monkeypatch.setattr(
        studios, "photograph", lambda _kept, preview: Image.new("RGB", (3, 2)).save(preview, "WEBP")
    )


def described(kept: Studio) -> OwnStudio:
    return OwnStudio.from_json(json.loads(path_of(kept).read_bytes()))


def why_refused(path: Path) -> str:
    with pytest.raises(ValidationError) as refused:
        receive(STUDIO, path, path.name, name="Hall")
    assert not Studio.objects.exists()
    return str(refused.value.messages[0])


def test_what_is_taken_is_kept_as_numbers_with_a_picture(
    files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(studios, "PREVIEW_SAMPLES", 8)
    kept = receive(STUDIO, files["whole"], "hall.blend", name="Hall", license="ours")
    found = described(kept)
    key, sun = found.lights
    assert (key.name, key.kind, sun.kind) == ("Key", "AREA", "SUN")
    assert (key.place, key.size, key.energy) == ((-3.0, -2.0, 4.0), (2.0, 1.0), 400.0)
    assert found.world == pytest.approx((0.05, 0.1, 0.15), abs=1e-5)
    (table,) = found.ground
    assert (table.name, table.count) == ("Table", 2)
    assert table.paints[0].color == pytest.approx((0.2, 0.3, 0.8), abs=1e-5)
    limits = kept.limits
    assert (limits.lowest, limits.highest) == pytest.approx((5.0, 60.0), abs=0.01)
    assert (limits.longest_mm, limits.near, limits.far) == pytest.approx((100.0, 0.5, 60.0))
    assert kept.has_ground
    assert notes_of(kept) == []
    assert path_of(kept).suffix == ".json"
    assert b"BLENDER" not in path_of(kept).read_bytes()
    with default_storage.open(preview_name(STUDIO, kept.sha256)) as file, Image.open(file) as preview:
        assert preview.size == studios.PREVIEW
        red, _green, blue = preview.convert("RGB").resize((1, 1), box=(0, 220, 384, 256)).getpixel((0, 0))  # type: ignore[misc]
        assert blue > red + 30  # the table of the studio


def test_a_stand_in_says_how_large_a_product_is(files: dict[str, Path], unphotographed: None) -> None:
    """Its sphere has a radius of √3 and its foot is elsewhere: the light is three radii to its right."""
    found = described(receive(STUDIO, files["scaled"], "a.blend", name="Large"))
    (key,) = found.lights
    assert key.place == pytest.approx((3.0, 0.0, 0.0), abs=1e-4)
    assert key.size == pytest.approx((3**0.5, 3**0.5), abs=1e-4)
    assert key.energy == pytest.approx(300.0, abs=0.01)
    assert not found.ground


def test_nothing_of_a_hostile_file_is_run_or_read(files: dict[str, Path], unphotographed: None) -> None:
    kept = receive(STUDIO, files["hostile"], "a.blend", name="Trap")
    marker = files["hostile"].with_name("was_run")
    assert not marker.exists()
    said = " ".join(notes_of(kept))
    for words in (
        "Scripts are never run. Text blocks that were left out: 1.",
        "Drivers are never run. Left out: 1.",
        "Animation is not used",
        "“Table” is taken without these modifiers: Reads",
        "The material “Table” is taken in plain values",
        "The light “Key” is taken in plain values",
        "neither lights nor in the collection “Ground”: Gear (1)",
    ):
        assert words in said
    content = path_of(kept).read_text()
    assert "passwd" not in content
    assert str(marker) not in content


def cut(path: Path, files: dict[str, Path]) -> Path:
    whole = files["whole"].read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    return path


def newer(path: Path, files: dict[str, Path]) -> Path:
    content = files["whole"].read_bytes()
    path.write_bytes(
        content[:13] + b"9901" + content[17:] if content[7:8] != b"-" else b"BLENDER-v999" + content[12:]
    )
    return path


def garbled(path: Path, files: dict[str, Path]) -> Path:
    path.write_bytes(files["whole"].read_bytes()[:64] + b"\xff" * 4096)
    return path


@pytest.mark.parametrize(
    ("make", "words"),
    [
        ("compressed", "switch Compress off"),
        ("unlit", "It has no light"),
        ("fine", "With “Fine” the ground has more than 20000 triangles"),
        ("linked", "It uses other files (whole.blend)"),
        (newer, "It was saved by Blender 9"),
        (cut, "damaged"),
        (garbled, "damaged"),
    ],
)
def test_what_can_not_be_used_is_refused_with_what_to_do(
    files: dict[str, Path], tmp_path: Path, make: str | Callable[..., Path], words: str
) -> None:
    path = files[make] if isinstance(make, str) else make(tmp_path / "a.blend", files)
    assert words in why_refused(path)


def test_what_is_no_blend_is_refused_unopened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studios, "run_reader", lambda *_, **__: pytest.fail("it was opened"))
    path = tmp_path / "a.blend"
    for content in (b"", b"BLENDER", b"PK\3\4" * 20, b"BLENDERxv405" + b"\0" * 90):
        path.write_bytes(content)
        assert "no Blender file" in why_refused(path)
    with path.open("wb") as file:
        file.truncate(50_000_001)
    monkeypatch.setattr(receiving, "examine", lambda *_: pytest.fail("it was read"))
    assert "more than 50 MB" in why_refused(path)


@pytest.mark.parametrize(
    ("head", "version"),
    [
        (b"BLENDER-v402RENDH", None),
        (b"BLENDER_V279RENDH", None),
        (b"BLENDER17-01v0502REND", None),
        (b"BLENDER17-01v0503REND", "5.3"),
        (b"BLENDER-v600RENDH", "6.0"),
    ],
)
def test_versions_are_read_from_both_kinds_of_headers(
    tmp_path: Path, head: bytes, version: str | None
) -> None:
    path = tmp_path / "a.blend"
    path.write_bytes(head)
    if version is None:
        studios.check_header(path, "5.2.3 LTS")
        return
    with pytest.raises(ValidationError, match=rf"saved by Blender {version}, and Blender 5\.2 renders here"):
        studios.check_header(path, "5.2.3 LTS")


def test_the_same_studio_is_kept_once_and_stays_while_it_is_used(
    files: dict[str, Path], unphotographed: None, django_capture_on_commit_callbacks: object
) -> None:
    kept = receive(STUDIO, files["whole"], "a.blend", name="Hall")
    with pytest.raises(ValidationError, match="This is the studio “Hall” already"):
        receive(STUDIO, files["whole"], "b.blend", name="Yard")
    used = factories.output_type("in-the-hall", lighting="studio", studio=kept)
    with pytest.raises(ProtectedError):
        remove(STUDIO, kept)
    used.delete()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        remove(STUDIO, kept)
    assert not path_of(kept).exists()
