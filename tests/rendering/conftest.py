from __future__ import annotations

import pytest

from tests.rendering.shell import Shell, shell


@pytest.fixture
def manage(capsys: pytest.CaptureFixture[str]) -> Shell:
    return shell(capsys)
