"""From a 16-bit master to the picture of a file: exact where it can be, even where it can't."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from rendering.pictures import derive, sixteen_bit

SIDES = st.integers(1, 40)
COLORS = st.from_regex(r"#[0-9a-f]{6}", fullmatch=True)
BACKGROUNDS = st.lists(COLORS, max_size=2)


def random_master(seed: int, width: int = 24, height: int = 16) -> sixteen_bit.Deep:
    """Noise with clear, soft and full pixels."""
    noise = np.random.default_rng(seed)
    pixels = noise.integers(0, 65536, (height, width, 4), dtype=np.uint16)
    pixels[..., 3] = noise.choice(np.array([0, 300, 30000, 65535], np.uint16), (height, width))
    return pixels


def disc(side: int = 64) -> sixteen_bit.Deep:
    """A red disc with a soft rim on nothing."""
    row, column = np.mgrid[0:side, 0:side] - side / 2 + 0.5
    cover = np.clip(side / 3 - np.hypot(row, column) + 0.5, 0, 1)
    pixels = np.zeros((side, side, 4), dtype=np.uint16)
    pixels[cover > 0] = (50000, 4000, 4000, 0)
    pixels[..., 3] = np.rint(cover * 65535)
    return pixels


@given(
    seed=st.integers(0, 9), width=SIDES, height=SIDES, background=BACKGROUNDS, depth=st.sampled_from([8, 16])
)
def test_any_size_background_and_depth_gives_a_picture_within_its_range(
    seed: int, width: int, height: int, background: list[str], depth: int
) -> None:
    made = derive.picture(random_master(seed), width, height, background, depth)
    assert made.shape == (height, width, 3 if background else 4)
    assert made.dtype == (np.uint16 if depth == 16 else np.uint8)
    again = derive.picture(random_master(seed), width, height, background, depth)
    assert np.array_equal(made, again)
    if not background:
        assert not made[made[..., 3] == 0].any()


@given(background=st.lists(COLORS, min_size=1, max_size=2), width=st.integers(48, 80))
def test_where_nothing_is_there_is_the_background_alone(background: list[str], width: int) -> None:
    made = derive.picture(disc(), width, width, background, 8)
    top = tuple(int(background[0][1 + 2 * one : 3 + 2 * one], 16) for one in range(3))
    assert np.abs(made[0, 0].astype(int) - top).max() <= 1
    if len(background) == 1:
        assert (made[0] == top).all() and (made[:, -1] == top).all()


def test_white_stays_white_right_up_to_a_soft_shadow() -> None:
    shadow = np.zeros((64, 64, 4), dtype=np.uint16)
    shadow[..., 3] = np.linspace(0, 20000, 64).astype(np.uint16)[None, :]
    shadow[:, :32, 3] = 0
    made = derive.picture(shadow, 64, 64, ["#ffffff"], 8)
    assert (made[:, :32] == 255).all()


def test_a_gradient_has_no_bands() -> None:
    clear = np.zeros((256, 256, 4), dtype=np.uint16)
    made = derive.picture(clear, 256, 256, ["#808080", "#888888"], 8).astype(float)[..., 0]
    share = (np.arange(256) + 0.5) / 256
    column = 128 + 8 * share * share * (3 - 2 * share)
    means = made.reshape(16, 16, 256).mean(axis=(1, 2))
    assert np.abs(means - column.reshape(16, 16).mean(axis=1)).max() < 0.1
    assert len(np.unique(made[60:68])) > 1
    repeated = made.reshape(256, 4, 64)
    assert (repeated == repeated[:, :1]).all(), "the pattern never changes"


def test_resizing_weighs_color_by_alpha() -> None:
    pixels = disc()
    pixels[pixels[..., 3] == 0] = (0, 65535, 0, 0)  # green that nobody sees
    small = derive.picture(pixels, 16, 16, [], 8)
    seen = small[small[..., 3] > 0]
    assert seen[:, 1].max() < 25 and seen[:, 0].min() > 150


def test_a_picture_of_the_masters_size_keeps_its_sixteen_bits() -> None:
    pixels = random_master(3)
    assert np.array_equal(derive.picture(pixels, 24, 16, [], 16), pixels)


def test_an_opaque_master_has_no_alpha() -> None:
    pixels = random_master(4)
    pixels[..., 3] = 65535
    assert derive.picture(pixels, 12, 8, [], 8).shape == (8, 12, 3)


def test_the_last_master_is_decoded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.png"
    sixteen_bit.write_png(path, random_master(1), b"", b"")
    reads: list[Path] = []
    real = sixteen_bit.read
    monkeypatch.setattr(sixteen_bit, "read", lambda file: (reads.append(file), real(file))[1])
    first = derive.master(path)
    assert derive.master(path) is first and len(reads) == 1
    with pytest.raises(ValueError, match="read-only"):
        first[0, 0] = 1
    sixteen_bit.write_png(path, random_master(2, 30, 30), b"", b"")
    assert derive.master(path).shape == (30, 30, 4)
    monkeypatch.setattr(derive, "KEPT_BYTES", 10)
    sixteen_bit.write_png(path, random_master(3), b"", b"")
    assert derive.master(path) is not derive.master(path)


@given(seed=st.integers(0, 99), channels=st.sampled_from([3, 4]), width=SIDES, height=SIDES)
def test_png_of_sixteen_bits_comes_back_as_it_was(
    tmp_path_factory: Any, seed: int, channels: int, width: int, height: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "deep.png"
    pixels = random_master(seed, width, height)[..., :channels]
    sixteen_bit.write_png(path, pixels, b"profile", b"")
    assert np.array_equal(sixteen_bit.read(path)[..., :channels], pixels)
    with Image.open(path) as image:  # which keeps the upper 8 of 16 bits
        assert np.array_equal(np.asarray(image), (pixels >> 8).astype(np.uint8))


@given(seed=st.integers(0, 99), channels=st.sampled_from([3, 4]), width=SIDES, height=SIDES)
def test_tiff_of_sixteen_bits_is_read_by_others(
    tmp_path_factory: Any, seed: int, channels: int, width: int, height: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "deep.tiff"
    pixels = random_master(seed, width, height)[..., :channels]
    sixteen_bit.write_tiff(path, pixels, b"profile", '{"a": 1}')
    with Image.open(path) as image:
        assert np.array_equal(np.asarray(image), (pixels >> 8).astype(np.uint8))
        assert (image.tag_v2[258], image.tag_v2[270]) == ((16,) * channels, '{"a": 1}')
        assert image.info["icc_profile"] == b"profile"


@pytest.mark.parametrize("damage", ["cut", "bit", "nonsense"])
def test_a_damaged_master_is_named(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "a.png"
    sixteen_bit.write_png(path, random_master(5), b"", b"")
    data = bytearray(path.read_bytes())
    match damage:
        case "cut":
            data = data[:-30]
        case "bit":
            data[-40] ^= 4
        case "nonsense":
            data = bytearray(b"nonsense")
    path.write_bytes(data)
    with pytest.raises((sixteen_bit.DamagedPng, OSError)):
        sixteen_bit.read(path)
