from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def media_folder(private_folders: None, settings: Any) -> None:
    """The folder of an installation that had its first upload."""
    Path(settings.MEDIA_ROOT).mkdir(exist_ok=True)
