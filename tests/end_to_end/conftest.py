from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.end_to_end.installation import Installation, installation


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with workers, shared by the tests of one file."""
    folder: Path = tmp_path_factory.mktemp("desk")
    with installation(folder) as it:
        # Other samples are another picture: nothing is derived that a test expects to be rendered.
        for slug, samples in {"thumbnail": 2, "draft": 3, "still-1024": 4, "still-1024-webp": 4}.items():
            it.make_tiny(slug, samples=samples)
        it.start_workers()
        yield it
