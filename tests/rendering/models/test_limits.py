"""When a silent Blender is given up."""

from __future__ import annotations

import pytest

from rendering.farm.driving import is_hung


@pytest.mark.parametrize(
    ("silent", "cpu", "given_up"),
    [
        (299.0, 0.0, False),
        (301.0, 0.0, True),
        (301.0, 580.0, False),
        (2999.0, 5900.0, False),
        (3001.0, 5900.0, True),
    ],
)
def test_one_that_computes_has_ten_times_as_long_as_one_that_does_not(
    silent: float, cpu: float, given_up: bool
) -> None:
    assert is_hung(silent, cpu, 300.0) == given_up
