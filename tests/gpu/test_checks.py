"""System checks of settings under which workers would be killed for nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from gpu import checks
from gpu.checks import check_wedged


def test_a_cluster_is_given_time_for_several_messages(settings: Any) -> None:
    assert check_wedged() == []
    settings.WEDGED_SECONDS = 3 * settings.RING_SECONDS
    (found,) = check_wedged()
    assert found.id == "gpu.E005" and "Use at least 60" in str(found.hint)


def test_blender_goes_before_nobody(settings: Any) -> None:
    assert checks.check_blender_gives_way() == []
    settings.BLENDER_NICE = -5
    (found,) = checks.check_blender_gives_way()
    assert found.id == "gpu.E006" and "from 0" in str(found.hint)


def test_blender_without_confinement_is_a_warning(settings: Any) -> None:
    assert checks.check_blender_is_confined() == []
    settings.CONFINE_BLENDER = False
    (warning,) = checks.check_blender_is_confined()
    assert (warning.id, warning.is_serious()) == ("gpu.W003", False)


def test_script_that_starts_blender_is_a_warning(settings: Any, tmp_path: Path) -> None:
    script = tmp_path / "blender"
    script.write_text("#!/bin/sh\nexec /opt/blender/blender\n")
    script.chmod(0o755)
    settings.BLENDER_EXECUTABLE = str(script)
    (warning,) = checks.check_blender_is_confined()
    assert warning.id == "gpu.W004"
    settings.BLENDER_EXECUTABLE = sys.executable
    assert checks.check_blender_is_confined() == []
