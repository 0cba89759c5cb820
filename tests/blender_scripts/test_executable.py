"""Finding Blender: what an administrator reads when it is missing, too old, broken or hangs."""

from __future__ import annotations

import json
import sys
from importlib import metadata
from pathlib import Path

import pytest

from blender_scripts import executable
from blender_scripts.executable import (
    Blender,
    BlenderInterrupted,
    BlenderMissing,
    BlenderTooOld,
    check_blender,
    command,
    find_blender,
)


def program(tmp_path: Path, text: str) -> str:
    path = tmp_path / "blender"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_the_bpy_module_is_found_without_importing_it(blender: Blender) -> None:
    if not blender.is_module:
        pytest.skip("it is a program")
    assert blender.version.split(".")[0] in ("4", "5")
    assert "bpy" not in sys.modules


def test_an_installed_blender_is_asked_for_its_version(tmp_path: Path) -> None:
    found = find_blender(program(tmp_path, "echo 'Blender 4.5.15 LTS'; echo '\tbuild date: 2026-10-22'"))
    assert (found.version, found.is_module) == ("4.5.15", False)


def test_without_the_module_an_installed_blender_is_used_and_without_that_the_ways_are_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def version(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(executable.metadata, "version", version)
    monkeypatch.setattr(executable, "OWN_PYTHON", tmp_path / "python")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BlenderMissing, match="three ways to get one"):
        find_blender()
    path = program(tmp_path, "echo 'Blender 4.3.2'")
    assert find_blender() == Blender(prefix=(path,), version="4.3.2", is_module=False)


def test_an_old_blender_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(BlenderTooOld, match=r"is Blender 3\.6\.9; version 4\.2 or newer is needed"):
        find_blender(program(tmp_path, "echo 'Blender 3.6.9'"))


def test_no_program_at_the_path_says_which_setting_to_change() -> None:
    with pytest.raises(BlenderMissing, match="Set BLENDER_EXECUTABLE"):
        find_blender("/nowhere/blender")


def test_a_program_that_hangs_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(BlenderMissing, match=r"did not answer within 0\.5 s"):
        find_blender(program(tmp_path, "exec sleep 60"), timeout=0.5)


def test_a_missing_shared_library_gives_the_install_command(tmp_path: Path) -> None:
    message = "error while loading shared libraries: libSM.so.6: cannot open shared object file: No such file"
    with pytest.raises(BlenderMissing, match=r"libSM\.so\.6 is missing.*apt-get install .*libsm6"):
        find_blender(program(tmp_path, f"echo 'blender: {message}' >&2; exit 127"))


def test_a_blender_without_numpy_gives_the_install_command(tmp_path: Path) -> None:
    """Debian only recommends it."""
    bare = program(tmp_path, "echo \"ModuleNotFoundError: No module named 'numpy'\" >&2; exit 1")
    with pytest.raises(BlenderMissing, match="apt-get install python3-numpy"):
        check_blender(Blender(prefix=(bare,), version="4.3.2", is_module=False))


def test_a_blender_that_crashes_at_start_tells_its_last_words(tmp_path: Path) -> None:
    crashing = Blender(
        prefix=(program(tmp_path, "echo no luck; kill -SEGV $$"),), version="4.5", is_module=False
    )
    with pytest.raises(BlenderMissing, match="signal 11, it printed: no luck"):
        check_blender(crashing)


def test_a_blender_that_is_killed_while_it_is_asked_is_not_missing(tmp_path: Path) -> None:
    with pytest.raises(BlenderInterrupted, match="was ended while it started: signal SIGKILL"):
        find_blender(program(tmp_path, "kill -KILL $$"))


def test_both_kinds_of_blender_get_the_script_and_its_arguments() -> None:
    module = Blender(prefix=("python",), version="4.5.15", is_module=True)
    installed = Blender(prefix=("blender",), version="4.5.15", is_module=False)
    assert command(module, "s.py", "a") == ["python", "s.py", "--", "a"]
    assert command(installed, "s.py", "a")[:3] == ["blender", "--background", "--factory-startup"]
    assert command(installed, "s.py", "a")[-4:] == ["--python", "s.py", "--", "a"]


@pytest.mark.parametrize(("version", "takes_options"), [("4.3.2", False), ("5.0.1", True), ("5.2", True)])
def test_a_program_of_blender_5_is_asked_to_log_what_its_cycles_does(
    version: str, takes_options: bool
) -> None:
    argv = command(Blender(prefix=("blender",), version=version, is_module=False), "s.py")
    assert (" --log cycles --log-level info --python s.py" in " ".join(argv)) is takes_options


def test_a_python_with_bpy_is_blender_too(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    said = json.dumps({"version": "5.2.3", "files": [str(tmp_path / "lib"), str(tmp_path / "gone"), None]})
    python = tmp_path / "python3.13"
    python.write_text(f"#!/bin/sh\necho 'some warning'\necho '{said}'\n")
    python.chmod(0o755)
    found = find_blender(str(python))
    assert (found.prefix, found.version, found.is_module) == ((str(python),), "5.2.3", True)
    assert found.files == (str(tmp_path / "lib"),)


def test_a_python_without_bpy_says_how_to_get_it(tmp_path: Path) -> None:
    python = tmp_path / "python3"
    python.write_text("#!/bin/sh\necho \"No module named 'bpy'\" >&2\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(BlenderMissing, match="pip install bpy"):
        find_blender(str(python))
    with pytest.raises(BlenderMissing, match="no Python at"):
        find_blender("/nowhere/python3.13")
