"""Textures are read to the last pixel before they are kept, and what can't be repeated as it is, is told so."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import OpenImageIO as oiio
import pytest
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db.models import ProtectedError
from PIL import Image, ImageCms

from rendering.catalog.images import reader, receiving
from rendering.catalog.images.receiving import preview_name, receive, remove
from rendering.catalog.images.textures import TEXTURE
from rendering.models import Finish, Texture
from tests.media import path_of
from tests.rendering.panoramas import needs_reader
from tests.rendering.textures import write_texture

pytestmark = [pytest.mark.django_db, needs_reader]


def why_refused(path: Path) -> str:
    """What is said of a file; without a process of its own, which takes a second."""
    preview = path.with_name("preview.webp")
    for suffix in TEXTURE.suffixes:
        (path.parent / f"image{suffix}").unlink(missing_ok=True)
        (path.parent / f"image{suffix}").symlink_to(path)
    with pytest.raises(reader.Refused) as refused:
        reader.texture(path, preview)
    assert not preview.exists()
    answer = refused.value.answer
    return str(TEXTURE.refusals[answer["refused"]] % answer)


def test_a_refusal_reaches_whoever_uploads(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(ValidationError, match="The texture is damaged, cut off"):
        receive(TEXTURE, path, "a.png", name="Oak")
    assert not Texture.objects.exists()


def sixteen_bit(path: Path) -> Path:
    """A PNG or TIFF with 16 bits a channel, half as bright as can be."""
    pixels = np.full((32, 48, 3), 32896, np.uint16)
    out = oiio.ImageOutput.create(str(path))
    out.open(str(path), oiio.ImageSpec(48, 32, 3, oiio.UINT16))
    out.write_image(pixels)
    out.close()
    return path


@pytest.mark.parametrize(
    ("file", "suffix"), [("a.png", ".png"), ("a.jpeg", ".jpg"), ("a.webp", ".webp"), ("a.tiff", ".tif")]
)
def test_a_texture_is_kept_with_its_size_its_color_and_a_preview(
    tmp_path: Path, file: str, suffix: str
) -> None:
    path = write_texture(tmp_path / file, 48, 32)
    kept = receive(TEXTURE, path, file, name="Oak", license="CC0")
    assert (kept.width, kept.height, kept.license, kept.original_name) == (48, 32, "CC0", file)
    assert path_of(kept).read_bytes() == path.read_bytes()
    assert path_of(kept).suffix == suffix
    # Half the light of level 200, and half of level 40: their mean is darker than level 200 and brighter than 120.
    assert kept.color[1:3] == kept.color[3:5] == kept.color[5:]
    assert int(kept.color[1:3], 16) == pytest.approx(148, abs=2)
    with default_storage.open(preview_name(TEXTURE, kept.sha256)) as file_, Image.open(file_) as preview:
        assert preview.size == (48, 32)


@pytest.mark.parametrize("file", ["a.png", "a.tif"])
def test_sixteen_bits_are_taken(tmp_path: Path, file: str) -> None:
    kept = receive(TEXTURE, sixteen_bit(tmp_path / file), file, name="Deep")
    assert kept.color == "#808080"


def test_a_profile_of_srgb_is_taken(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert receive(TEXTURE, write_texture(tmp_path / "a.png", icc_profile=profile), "a.png", name="Oak").pk


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "RGBA"])
def test_gray_and_palettes_and_what_is_not_transparent_are_taken(tmp_path: Path, mode: str) -> None:
    assert receive(TEXTURE, write_texture(tmp_path / "a.png", mode=mode), "a.png", name="Oak").width == 48


def test_one_with_transparent_places_is_for_labels_alone(tmp_path: Path) -> None:
    kept = receive(TEXTURE, clear(tmp_path / "a.png"), "a.png", name="Logo")
    assert kept.is_clear
    assert not receive(TEXTURE, write_texture(tmp_path / "b.png"), "b.png", name="Oak").is_clear
    with default_storage.open(preview_name(TEXTURE, kept.sha256)) as file, Image.open(file) as preview:
        assert preview.mode == "RGBA"
    finish = Finish.objects.get(slug="rubber")
    finish.texture = kept
    with pytest.raises(ValidationError) as refused:
        finish.full_clean()
    assert list(refused.value.message_dict) == ["texture"]


def cmyk(path: Path) -> Path:
    return write_texture(path.with_suffix(".jpg"), mode="CMYK")


def animated(path: Path) -> Path:
    return write_texture(path.with_suffix(".webp"), save_all=True, append_images=[Image.new("RGB", (48, 32))])


def pages(path: Path) -> Path:
    return write_texture(path.with_suffix(".tif"), save_all=True, append_images=[Image.new("RGB", (48, 32))])


def clear(path: Path) -> Path:
    Image.new("RGBA", (32, 32), (10, 20, 30, 128)).save(path)
    return path


def turned(path: Path) -> Path:
    exif = Image.Exif()
    exif[0x0112] = 6
    return write_texture(path.with_suffix(".jpg"), exif=exif)


def in_other_colors(path: Path) -> Path:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return write_texture(path, icc_profile=profile)


def floats(path: Path) -> Path:
    return write_texture(path.with_suffix(".tif"), mode="F")


@pytest.mark.parametrize(
    ("write", "words"),
    [
        (lambda path: write_texture(path, 15, 40), "16 to 8192 px"),
        (lambda path: write_texture(path, 8193, 16), "8193 × 16 px"),
        (lambda path: write_texture(path.with_suffix(".gif")), "no PNG, JPEG, WebP or TIFF"),
        (cmyk, "of the kind CMYK"),
        (animated, "2 frames or pages"),
        (pages, "2 frames or pages"),
        (turned, "do not run from the top left"),
        (in_other_colors, "Convert it to sRGB"),
        (floats, "of the kind 32-bit"),
    ],
)
def test_what_cannot_be_repeated_as_it_is_is_refused_with_what_to_do(
    tmp_path: Path, write: Callable[[Path], Path], words: str
) -> None:
    assert words in why_refused(write(tmp_path / "a.png"))


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tif"])
@pytest.mark.parametrize("share", [0.1, 0.6])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a.{suffix}"
    Image.effect_noise((64, 64), 60).convert("RGB").save(path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    assert "damaged" in why_refused(path)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A few bytes that say 60,000 × 60,000 px, and some that are another format behind the first ones."""
    path = tmp_path / "a.png"
    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    packed = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + packed)
    assert why_refused(path)
    for content in (
        b"",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff" + b"\0" * 90,
        b"RIFF\x10\0\0\0WEBPVP8X",
        b"II*\0" * 30,
    ):
        path.write_bytes(content)
        assert why_refused(path)


def test_too_many_bytes_are_refused_unread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receiving, "examine", lambda *_: pytest.fail("it was read"))
    path = tmp_path / "a.png"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    with pytest.raises(ValidationError, match="more than 50 MB"):
        receive(TEXTURE, path, "a.png", name="Oak")


def test_the_same_bytes_are_one_texture_and_a_name_is_given_once(tmp_path: Path) -> None:
    path = write_texture(tmp_path / "a.png")
    receive(TEXTURE, path, "a.png", name="Oak")
    with pytest.raises(ValidationError, match="These bytes are the texture “Oak” already"):
        receive(TEXTURE, path, "b.png", name="Ash")
    with pytest.raises(ValidationError, match="There is a texture called “Oak” already"):
        receive(TEXTURE, write_texture(tmp_path / "b.png", 40, 40), "b.png", name="Oak")


def test_one_that_a_finish_uses_stays(tmp_path: Path, django_capture_on_commit_callbacks: object) -> None:
    kept = receive(TEXTURE, write_texture(tmp_path / "a.png"), "a.png", name="Oak")
    Finish.objects.filter(slug="rubber").update(texture=kept)
    with pytest.raises(ProtectedError):
        remove(TEXTURE, kept)
    Finish.objects.update(texture=None)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        remove(TEXTURE, kept)
    assert not path_of(kept).exists()
    assert not default_storage.exists(preview_name(TEXTURE, kept.sha256))
