"""Private folders of temporary files: gone with their process, however that ends."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from blender_scripts.children.folders import private_folder, sweep, temporary_folder
from tests.paths import PROJECT


def test_a_temporary_folder_is_gone_afterwards_whatever_happens(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), temporary_folder(tmp_path) as folder:
        (folder / "picture.png").write_bytes(b"x")
        raise RuntimeError
    assert not [*tmp_path.iterdir()]


def test_what_a_killed_process_left_goes_with_the_next_folder_and_nothing_else_does(tmp_path: Path) -> None:
    mine = private_folder(tmp_path)
    for name in ("renderdesk-999999999-1-abc", "renderdesk-notes", "renderdesk-not-a-process", "other"):
        (tmp_path / name).mkdir()
    code = (
        "import os; from blender_scripts.children.folders import private_folder\n"
        f"(private_folder({str(tmp_path)!r}) / 'spec.json').touch(); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=PROJECT, check=False)
    assert sweep(tmp_path) == 1, "the process itself has swept the first"
    assert {one.name for one in tmp_path.iterdir()} == {
        mine.name,
        "renderdesk-notes",
        "renderdesk-not-a-process",
        "other",
    }
