"""System checks of settings under which workers would be killed for nothing."""

from __future__ import annotations

from typing import Any

from gpu.checks import check_wedged


def test_a_cluster_is_given_time_for_several_messages(settings: Any) -> None:
    assert check_wedged() == []
    settings.WEDGED_SECONDS = 3 * settings.RING_SECONDS
    (found,) = check_wedged()
    assert found.id == "gpu.E005" and "Use at least 60" in str(found.hint)
