"""Panoramas are read to the last pixel before they are kept, by a process whose end hurts nobody."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db.models import ProtectedError
from PIL import Image

from rendering.catalog.images.panoramas import PANORAMA
from rendering.catalog.images.receiving import preview_name, receive, remove
from rendering.models import Environment
from tests import factories
from tests.media import path_of
from tests.rendering.panoramas import needs_reader, write_exr, write_hdr

pytestmark = [pytest.mark.django_db, needs_reader]


def why_refused(path: Path) -> str:
    with pytest.raises(ValidationError) as refused:
        receive(PANORAMA, path, path.name, name="Hall")
    assert not Environment.objects.exists()
    return " ".join(refused.value.messages)


@pytest.mark.parametrize("suffix", ["exr", "hdr", "flat"])
def test_a_panorama_is_kept_with_its_size_and_a_preview(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"hall.{suffix}"
    write_exr(path) if suffix == "exr" else write_hdr(path, rle=suffix == "hdr")
    kept = receive(PANORAMA, path, path.name, name="Hall", license="CC0, Poly Haven")
    assert (kept.width, kept.height, kept.license) == (64, 32, "CC0, Poly Haven")
    assert path_of(kept).read_bytes() == path.read_bytes()
    assert path_of(kept).suffix == (".exr" if suffix == "exr" else ".hdr")
    with default_storage.open(preview_name(PANORAMA, kept.sha256)) as file, Image.open(file) as preview:
        assert preview.size == (512, 256)
        red, green, blue = preview.convert("RGB").getpixel((256, 128))  # type: ignore[misc]
    assert red < green < blue


def test_the_same_bytes_are_one_panorama(tmp_path: Path) -> None:
    receive(PANORAMA, write_hdr(tmp_path / "a.hdr"), "a.hdr", name="Hall")
    with pytest.raises(ValidationError, match="These bytes are the panorama “Hall” already"):
        receive(PANORAMA, write_hdr(tmp_path / "b.hdr"), "b.hdr", name="Yard")


def test_a_name_is_given_once(tmp_path: Path) -> None:
    receive(PANORAMA, write_hdr(tmp_path / "a.hdr"), "a.hdr", name="Hall")
    with pytest.raises(ValidationError, match="There is a panorama called “Hall” already"):
        receive(PANORAMA, write_hdr(tmp_path / "b.hdr", light=(1, 1, 1)), "b.hdr", name="Hall")


@pytest.mark.parametrize(
    ("size", "words"),
    [((64, 48), "twice as wide as high"), ((32, 16), "64 to 8192 px"), ((60_000, 30_000), "64 to 8192 px")],
)
def test_other_shapes_are_refused_with_what_to_do(tmp_path: Path, size: tuple[int, int], words: str) -> None:
    path = write_hdr(tmp_path / "a.hdr", 64, 32)
    path.write_bytes(path.read_bytes().replace(b"-Y 32 +X 64", f"-Y {size[1]} +X {size[0]}".encode()))
    assert words in why_refused(path)


@pytest.mark.parametrize("write", [write_hdr, write_exr])
@pytest.mark.parametrize("share", [0.05, 0.5, 0.98])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, write: object, share: float) -> None:
    path = write(tmp_path / "a.file", 256, 128)  # type: ignore[operator]
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert why_refused(path)


def test_other_files_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.hdr"
    for content in (b"", b"ISO-10303-21;", b"\x89PNG\r\n\x1a\n", b"#?RADIANCE\n\n-Y 32 +X 64\n"):
        path.write_bytes(content)
        assert why_refused(path)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            b"FORMAT=32-bit_rle_rgbe\n",
            b"",
            "damaged, cut off or of a kind",
        ),  # Blender would not read it either
        (b"32-bit_rle_rgbe", b"32-bit_rle_xyze", "damaged, cut off or of a kind"),
        (b"-Y 32 +X 64", b"+Y 32 +X 64", "do not run from the top left"),
    ],
)
def test_a_radiance_file_of_another_kind_is_refused(
    tmp_path: Path, old: bytes, new: bytes, words: str
) -> None:
    path = write_hdr(tmp_path / "a.hdr")
    path.write_bytes(path.read_bytes().replace(old, new))
    assert words in why_refused(path)


def test_light_without_a_number_is_no_damage(tmp_path: Path) -> None:
    path = write_exr(tmp_path / "a.exr", light=(float("nan"), float("inf"), 0.5))
    kept = receive(PANORAMA, path, path.name, name="Hall")
    assert default_storage.exists(preview_name(PANORAMA, kept.sha256))


def test_a_picture_without_colors_is_refused(tmp_path: Path) -> None:
    assert "no channels R, G and B" in why_refused(write_exr(tmp_path / "a.exr", names="XYZ"))


@pytest.mark.slow
def test_damage_anywhere_is_an_answer(tmp_path: Path) -> None:
    """Whatever the bytes do to the reader, the form gets words."""
    whole = write_exr(tmp_path / "whole.exr", 128, 64).read_bytes()
    path = tmp_path / "a.exr"
    for at in range(4, len(whole), max(1, len(whole) // 6)):
        path.write_bytes(whole[:at] + b"\xff\xff\xff\x7f" + whole[at + 4 :])
        try:
            receive(PANORAMA, path, "a.exr", name=f"Hall {at}")
        except ValidationError as refused:
            assert refused.messages[0]


def test_a_panorama_in_use_stays_and_an_unused_one_goes_with_its_files(
    tmp_path: Path, django_capture_on_commit_callbacks: object
) -> None:
    kept = receive(PANORAMA, write_hdr(tmp_path / "a.hdr"), "a.hdr", name="Hall")
    output_type = factories.output_type("hall", lighting="custom", environment=kept)
    with pytest.raises(ProtectedError):
        remove(PANORAMA, kept)
    assert path_of(kept).exists()
    output_type.delete()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        remove(PANORAMA, kept)
    assert not path_of(kept).exists()
    assert not default_storage.exists(preview_name(PANORAMA, kept.sha256))
