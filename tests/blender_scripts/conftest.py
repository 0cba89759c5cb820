"""One Blender for all tests of this folder that only need some Blender, and tiny geometry."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from blender_scripts.contract import DeviceUsed, Look, Progress, RenderOutcome, RenderSpec
from blender_scripts.launch import (
    Blender,
    BlenderError,
    Event,
    Session,
    check_blender,
    find_blender,
    run_script,
)
from tests.blender_scripts.glb import write_box


@dataclass
class Run:
    """What one job reported, in order."""

    outcome: RenderOutcome
    events: list[Event] = field(default_factory=list)

    @property
    def progress(self) -> list[Progress]:
        return [event for event in self.events if isinstance(event, Progress)]

    @property
    def devices(self) -> list[DeviceUsed]:
        return [event for event in self.events if isinstance(event, DeviceUsed)]


def render(session: Session, spec: RenderSpec, timeout: float = 120.0) -> Run:
    """Submit a job and wait for its outcome."""
    session.submit(spec)
    events: list[Event] = []
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        for event in session.poll(0.5):
            events.append(event)
            if isinstance(event, RenderOutcome):
                return Run(event, events)
    raise AssertionError(f"no outcome within {timeout} s: {session.tail()[-5:]}")


_usual = {"denoise": True}


def spec_for(glb: Path, output: Path, **changes: object) -> RenderSpec:
    """A job that is done in about a second."""
    values: dict[str, object] = {
        "kind": "still",
        "glb_path": str(glb),
        "geometry_key": glb.stem,
        "output_path": str(output),
        "look": Look(),
        "width": 48,
        "height": 48,
        "samples": 4,
        "device_policy": "cpu",
        **_usual,
    }
    return RenderSpec(**{**values, **changes})  # type: ignore[arg-type]


@pytest.fixture(scope="session")
def blender() -> Blender:
    try:
        found = find_blender(os.environ.get("TEST_BLENDER"))
        check_blender(found)
    except BlenderError as error:
        pytest.skip(str(error))
    if not found.is_module:  # a distribution's may have no denoiser
        proved = run_script(found, "prove_device.py", backends=(), timeout=60).outcome
        _usual["denoise"] = bool(proved and proved.ok)
    return found


@pytest.fixture(scope="module")
def session(blender: Blender, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    warm = Session(blender, device_policy="cpu", cwd=tmp_path_factory.mktemp("blender"))
    warm.start()
    yield warm
    warm.kill()


@pytest.fixture(scope="session")
def red_box(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_box(tmp_path_factory.mktemp("glb") / "red.glb", color=(0.6, 0.02, 0.02), name="Gehäuse")


@pytest.fixture(scope="session")
def gray_slab(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_box(tmp_path_factory.mktemp("glb") / "gray.glb", size=(0.3, 0.05, 0.1), name="Außenring")
