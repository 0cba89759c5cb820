"""How far a picture is from its converged reference: RMSE as shown, relative RMSE of the light, and FLIP."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flip_evaluator
import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.float32]

FLOOR = 0.01  # keeps the relative error of black pixels finite
PIXELS_PER_DEGREE = 67.0  # FLIP's own default: a 4K display of 0.7 m, seen from 0.7 m


@dataclass(frozen=True, slots=True)
class Error:
    """Distances of one picture from another, all 0 for equal ones.

    `rmse`: of the displayed values, in steps of 1/255. `relative`: of linear light, each pixel by its own brightness.
    `flip`: mean LDR-FLIP (Andersson et al. 2020), 0 to 1, what an eye sees when the two alternate.
    """

    rmse: float
    relative: float
    flip: float

    def within(self, other: Error, slack: float = 1.0) -> bool:
        """Whether both errors of the picture as shown are at most *slack* times those of *other*."""
        return self.rmse <= other.rmse * slack and self.flip <= other.flip * slack


@dataclass(frozen=True, slots=True)
class Picture:
    """One render: `shown` is straight RGBA as displayed, `light` linear RGBA with alpha multiplied in (h, w, 4)."""

    shown: Pixels
    light: Pixels


def compare(picture: Picture, reference: Picture) -> Error:
    """Return the errors of *picture*, both laid on white."""
    ours, theirs = on_white(picture.shown), on_white(reference.shown)
    lit, truth = lit_white(picture.light), lit_white(reference.light)
    return Error(rmse(ours, theirs), relative_rmse(lit, truth), flip(ours, theirs))


def on_white(shown: Pixels) -> Pixels:
    """Return straight RGBA as RGB on white, within 0 to 1."""
    alpha = shown[..., 3:]
    return np.clip(shown[..., :3] * alpha + (1 - alpha), 0, 1).astype(np.float32)


def lit_white(light: Pixels) -> Pixels:
    """Return linear RGBA, alpha multiplied in, as RGB in front of a white of 1."""
    return light[..., :3] + (1 - light[..., 3:])


def rmse(picture: Pixels, reference: Pixels) -> float:
    """Return the root mean square difference of values in 0 to 1, in steps of 1/255."""
    return float(np.sqrt(np.mean(np.square(picture - reference, dtype=np.float64)))) * 255


def relative_rmse(picture: Pixels, reference: Pixels) -> float:
    """Return the root mean square difference of linear light, relative to the reference's (Rousselle et al. 2011)."""
    squares = np.square(picture - reference, dtype=np.float64)
    return float(np.sqrt(np.mean(squares / (np.square(reference) + FLOOR))))


def flip(picture: Pixels, reference: Pixels) -> float:
    """Return the mean LDR-FLIP of two sRGB pictures in 0 to 1, by the reference implementation of its authors."""
    parameters: dict[str, Any] = {"ppd": PIXELS_PER_DEGREE}
    _, mean, _ = flip_evaluator.evaluate(
        np.ascontiguousarray(reference),
        np.ascontiguousarray(picture),
        "LDR",
        applyMagma=False,
        parameters=parameters,
    )
    return float(mean)
