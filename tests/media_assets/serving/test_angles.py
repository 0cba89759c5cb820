"""The 3-D viewer shows a product as it stands in its pictures: its three angles are the rotation that Blender has."""

from __future__ import annotations

import numpy as np
import pytest

from media_assets.models.turns import TURNS, Rotation, turned
from media_assets.serving import html

Y_UP = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""From the file's axes to the viewer's."""

ASLANT = (0.36, 0.48, -0.8, -0.8, 0.6, 0.0, 0.48, 0.64, 0.6)


@pytest.mark.parametrize("rotation", [*(turned((), one) for one in TURNS), ASLANT, turned(ASLANT, "-y-zx")])
def test_the_viewers_angles_are_the_rotation(rotation: Rotation) -> None:
    """It turns by roll about Z, then by pitch about X, then by yaw about Y."""
    roll, pitch, yaw = (float(one.removesuffix("rad")) for one in html.angles(rotation).split())
    (cr, sr), (cp, sp), (cy, sy) = ((np.cos(one), np.sin(one)) for one in (roll, pitch, yaw))
    about_z = np.array([[cr, -sr, 0.0], [sr, cr, 0.0], [0.0, 0.0, 1.0]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cp, -sp], [0.0, sp, cp]])
    about_y = np.array([[cy, 0.0, sy], [0.0, 1.0, 0.0], [-sy, 0.0, cy]])
    wanted = Y_UP @ np.array(rotation).reshape(3, 3) @ Y_UP.T
    assert np.allclose(about_y @ about_x @ about_z, wanted, atol=1e-5)
