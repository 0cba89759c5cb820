from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings

from rendering.farm import encoding
from rendering.models import Texture
from rendering.queue import lease
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


@pytest.fixture
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test is one transaction: a new connection of the lease would not see it."""
    monkeypatch.setattr(lease, "close_old_connections", lambda: None)


@pytest.fixture
def own_encoder(one_connection: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files are written as a worker does it, looked at often, by a child that ends with the test."""
    monkeypatch.setattr(django_settings, "TICK_SECONDS", 0.05)
    yield
    encoding.drop()


@pytest.fixture
def logo() -> Texture:
    """A transparent picture for labels."""
    return Texture.objects.create(
        name="Logo",
        file="textures/a.png",
        sha256="a" * 64,
        width=64,
        height=32,
        color="#ff8000",
        is_clear=True,
    )
