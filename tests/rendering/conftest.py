from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fake_gpu import FakeMachine
from tests.rendering.shell import Shell, shell


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell(capsys)


@pytest.fixture
def machine(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """This machine becomes a recorded one: its GPUs, its vendors' tools, its Blender."""

    def become(recording: str, **options: Any) -> None:
        fake = FakeMachine(tmp_path, recording, **options)
        settings.BLENDER_EXECUTABLE = fake.blender
        monkeypatch.setenv("PATH", fake.path)

    return become
