"""The error measures of the picture benchmarks."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import quality
from tests.benchmarks.quality import Error, Picture


def noise(seed: int, scale: float = 0.1) -> quality.Pixels:
    random = np.random.default_rng(seed)
    return np.clip(0.5 + scale * random.standard_normal((48, 64, 3)), 0, 1).astype(np.float32)


def picture(alpha: float, value: float = 0.25) -> Picture:
    straight = np.full((16, 16, 4), value, np.float32)
    straight[..., 3] = alpha
    light = straight.copy()
    light[..., :3] *= alpha
    return Picture(straight, light)


def test_equal_pictures_have_no_error() -> None:
    assert quality.compare(picture(0.5), picture(0.5)) == Error(0.0, 0.0, 0.0)


def test_black_against_white_is_the_largest_error_there_is() -> None:
    black, white = np.zeros((32, 32, 3), np.float32), np.ones((32, 32, 3), np.float32)
    assert quality.rmse(black, white) == pytest.approx(255)
    assert quality.flip(black, white) == pytest.approx(0.967, abs=0.002)  # as the authors' tool prints it


def test_flip_of_two_pictures_is_the_same_both_ways() -> None:
    assert quality.flip(noise(1), noise(2)) == pytest.approx(quality.flip(noise(2), noise(1)), rel=1e-5)


def test_more_noise_is_more_error() -> None:
    clean = np.full((48, 64, 3), 0.5, np.float32)
    for measure in (quality.rmse, quality.flip, quality.relative_rmse):
        assert measure(noise(3, 0.02), clean) < measure(noise(3, 0.1), clean)


def test_rmse_counts_in_steps_of_the_display() -> None:
    flat = np.full((8, 8, 3), 0.5, np.float32)
    assert quality.rmse(flat + np.float32(2 / 255), flat) == pytest.approx(2.0, rel=1e-3)


def test_what_is_clear_counts_as_white_whatever_its_color() -> None:
    assert quality.compare(picture(0.0, 0.9), picture(0.0, 0.1)).rmse == pytest.approx(0.0, abs=1e-4)


def test_the_same_step_counts_more_in_the_dark() -> None:
    dark, bright = np.full((8, 8, 3), 0.05, np.float32), np.full((8, 8, 3), 0.8, np.float32)
    step = np.float32(0.02)
    assert quality.relative_rmse(dark + step, dark) > 3 * quality.relative_rmse(bright + step, bright)


def test_an_error_is_within_another_when_both_its_measures_are() -> None:
    theirs = Error(4.0, 0.1, 0.02)
    assert Error(4.0, 0.3, 0.02).within(theirs)
    assert not Error(3.0, 0.1, 0.021).within(theirs)
    assert Error(3.0, 0.1, 0.021).within(theirs, slack=1.1)
