from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from blender_scripts.children import landlock
from blender_scripts.children.confine import Confinement
from media_assets.cad.client import Conversion
from tests.media_assets.cad.conftest import PROJECT, SAMPLES
from tests.media_assets.cad.test_containment import SLOW, running

BEARING = SAMPLES / "tapered_roller_bearing.step"

pytestmark = pytest.mark.skipif(not landlock.version(), reason="this kernel has no Landlock")

PROGRAM = """
import json, os, socket, sys
from pathlib import Path
from blender_scripts.children.confine import Reach, as_texts, confine, program_files

mine, other, out = map(Path, sys.argv[1:4])
from OCP.IFSelect import IFSelect_RetDone
from OCP.STEPControl import STEPControl_Reader

kept = confine(Reach(as_texts([*program_files(), mine]), (str(out),)))

def tried(what):
    try:
        return what()
    except OSError as error:
        return type(error).__name__

print(json.dumps({
    "kept": str(kept),
    "mine": STEPControl_Reader().ReadFile(str(mine)) == IFSelect_RetDone,
    "other": STEPControl_Reader().ReadFile(str(other)) == IFSelect_RetDone,
    "write": tried(lambda: (out / "new").write_text("x")),
    "move": tried(lambda: str((out / "new").rename(out / "moved").name)),
    "write_beside": tried(lambda: (out.parent / "new").write_text("x")),
    "list_beside": tried(lambda: os.listdir(out.parent)),
    "environment_of_another": tried(lambda: Path(f"/proc/{os.getppid()}/environ").read_bytes().decode()),
    "socket": tried(lambda: str(socket.socket())),
    "run": tried(lambda: os.execv("/bin/true", ["true"])),
    "signal": tried(lambda: os.kill(os.getppid(), 0)),
    "import": tried(lambda: __import__("decimal").__name__),
}))
"""


def test_confined_process_reaches_its_own_file_and_nothing_else(tmp_path: Path) -> None:
    mine, other, out = tmp_path / "mine.step", tmp_path / "other.step", tmp_path / "out"
    shutil.copy(BEARING, mine)
    shutil.copy(BEARING, other)
    out.mkdir()
    argv = [sys.executable, "-c", PROGRAM, str(mine), str(other), str(out)]
    finished = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=True)
    found = json.loads(finished.stdout.splitlines()[-1])
    assert "files (Landlock" in found["kept"]
    assert found["mine"] is True
    assert found["other"] is False
    assert (found["write"], found["move"], found["import"]) == (1, "moved", "decimal")
    refused = ("write_beside", "list_beside", "environment_of_another", "run")
    assert {found[what] for what in refused} == {"PermissionError"}
    if "seccomp" in found["kept"]:
        assert found["socket"] == "PermissionError"
    if landlock.version() >= landlock.SCOPES_SINCE:
        assert found["signal"] == "PermissionError"


def test_child_that_reads_a_file_is_confined(tmp_path: Path) -> None:
    conversion = Conversion(BEARING, tmp_path, SLOW)
    pid = running(conversion)
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
        assert "NoNewPrivs:\t1" in status
        assert "Seccomp:\t2" in status
        assert psutil.Process(pid).rlimit(psutil.RLIMIT_CORE) == (0, 0)
    finally:
        conversion.kill()


def test_what_the_kernel_does_not_offer_is_said() -> None:
    assert str(Confinement(0, False)).startswith("not confined")
    assert str(Confinement(0, True)) == "kept from other processes and the network (seccomp)"
    assert str(Confinement(7, False)) == "kept from other files (Landlock 7)"
