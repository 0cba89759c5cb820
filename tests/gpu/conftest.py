"""A host of each recorded kind, as the probe meets it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gpu.probing.probe import ProbeResult, run
from tests.fake_gpu import FakeMachine


@pytest.fixture
def machine(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., FakeMachine]:
    """Let this process meet a recorded machine."""

    def make(recording: str, **options: Any) -> FakeMachine:
        fake = FakeMachine(tmp_path, recording, **options)
        settings.BLENDER_EXECUTABLE = fake.blender
        monkeypatch.setenv("PATH", fake.path)
        return fake

    return make


@pytest.fixture
def probed(machine: Callable[..., FakeMachine]) -> Callable[[str], ProbeResult]:
    """Probe a recorded machine; one that hangs has two seconds."""

    def probe(recording: str) -> ProbeResult:
        machine(recording)
        return run(timeout=2.0 if recording == "backend_hangs" else 20.0)

    return probe
