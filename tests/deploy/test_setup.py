"""`./setup` on a machine of stubs: what it installs, names, keeps and asks for. Real ones: `make fresh`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.paths import PROJECT

TOOLS = tuple("bash cat cmp comm cp dirname echo env grep mkdir mv rm sed sort xargs".split())  # noqa: SIM905
FILES = ("setup", "requirements.txt", "requirements-dev.txt", "requirements-blender.txt")

# A Python of any version: it answers what it is, and makes environments that hold a copy of it.
PYTHON = """#!/bin/bash
case "$*" in
  *ensurepip*) exec {real} -c "import sys; sys.version_info = (3, {minor}, 0, '', 0); exec(sys.argv[1])" "$2" ;;
  "-m venv "*)
    mkdir -p "$4/bin" "$4/lib/python3/site-packages/pip-1.dist-info"
    cp "$0" "$4/bin/python"
    : > "$4/lib/python3/site-packages/pip-1.dist-info/RECORD"
    ;;
  *find_blender*) exit 1 ;;
  *"pip install"*) echo "$0 pip ${{@: -1}}" >> {log}; ! [ -e {away} ] ;;
esac
"""
DPKG_QUERY = """#!/bin/bash
for word in "$@"; do case $word in -*) ;; *) [ ! -e {installed} ] || echo "installed $word" ;; esac; done
"""
NOTED = """#!/bin/bash
echo "${{0##*/}} $*" >> {log}
case "$*" in *install*) : > {installed} ;; esac
"""


class Machine:
    """A folder with the project, and one with all programs that are there."""

    def __init__(self, folder: Path) -> None:
        self.project, self.bin, self.log = folder / "project", folder / "bin", folder / "log"
        self.away, self.installed = folder / "away", folder / "installed"
        self.project.mkdir()
        self.bin.mkdir()
        for name in FILES:
            shutil.copy(PROJECT / name, self.project)
        for name in TOOLS:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        for name, text in {"dpkg-query": DPKG_QUERY, "dpkg": NOTED, "apt-get": NOTED, "make": NOTED}.items():
            self.program(name, text)
        self.program("id", "#!/bin/bash\necho 0\n")

    def program(self, name: str, text: str, minor: int = 0) -> None:
        path = self.bin / name
        words = {"log": self.log, "away": self.away, "installed": self.installed}
        path.write_text(text.format(real=sys.executable, minor=minor, **words))
        path.chmod(0o755)

    def pythons(self, **minors: int) -> None:
        for name, minor in minors.items():
            self.program(name.replace("_", "."), PYTHON, minor)

    def setup(self, *words: str, answer: str = "", **environment: str) -> tuple[int, str, list[str]]:
        """Return the exit code, what was said, and what was started; an answer is typed on a terminal."""
        self.log.write_text("")
        terminal, stdin = os.openpty()
        os.write(terminal, answer.encode())
        done = subprocess.run(
            ["./setup", *words],
            cwd=self.project,
            env={"PATH": str(self.bin), "HOME": str(self.project)} | environment,
            stdin=stdin if answer else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
            check=False,
        )
        os.close(terminal)
        os.close(stdin)
        started = self.log.read_text().replace(f"{self.project}{os.sep}", "").splitlines()
        return done.returncode, done.stdout, started

    def blender(self) -> list[str]:
        """Return what is installed for Blender by the next run."""
        return [line for line in self.setup()[2] if "blender" in line]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_what_the_system_lacks_is_installed_only_if_the_user_agrees(machine: Machine) -> None:
    code, said, started = machine.setup("lint")
    assert code == 1 and not started
    line = "apt-get update; apt-get install --yes --no-install-recommends libegl1 "
    assert line in said and " python3 python3-venv" in said
    code, said, started = machine.setup("--yes", "lint")
    assert code == 0, said
    assert [one.split(" -qq")[0] for one in started[:2]] == ["dpkg --configure -a", "apt-get update"]
    assert " libx11-6 " in started[2] and " python3-venv" in started[2] and "chromium" not in started[2]
    assert started[3] == "make lint"
    assert machine.setup("lint")[2] == ["make lint"], "the second run installs nothing"


@pytest.mark.parametrize(("answer", "installs"), [("\n", True), ("y\n", True), ("n\n", False)])
def test_on_a_terminal_there_is_a_question(machine: Machine, answer: str, installs: bool) -> None:
    code, said, started = machine.setup("lint", answer=answer)
    assert "Install these packages of Debian: libegl1 " in said
    assert (code == 0, "make lint" in started) == (installs, installs)


def test_an_ordinary_user_without_sudo_is_told_the_line(machine: Machine) -> None:
    machine.program("id", "#!/bin/bash\necho 1000\n")
    code, said, started = machine.setup("--yes", "lint")
    assert (code, started) == (1, []) and "Install it as root: apt-get update; apt-get install" in said


def test_tests_go_on_without_the_browser(machine: Machine) -> None:
    machine.pythons(python3=13)
    machine.program("dpkg-query", DPKG_QUERY.replace("[ ! -e {installed} ]", "[[ $word != lib* ]]"))
    code, said, started = machine.setup("test")
    assert code == 0 and "chromium" in said and "skipped" in said
    assert started == ["make test"]


def test_a_second_run_does_nothing(machine: Machine) -> None:
    machine.pythons(python3=13, python3_13=13)
    machine.installed.touch()
    first = [".venv/bin/python pip requirements.txt", ".venv-blender/bin/python pip requirements-blender.txt"]
    assert machine.setup()[2] == first
    assert machine.setup() == (0, "", [])
    (machine.project / "requirements.txt").write_text("django==6.0\n")
    assert machine.setup()[2] == first[:1], "an upgrade installs what changed, and leaves Blender alone"


def test_an_installation_goes_on_where_the_network_went_away(machine: Machine) -> None:
    machine.pythons(python3=11)
    machine.installed.touch()
    machine.away.touch()
    code, said, _ = machine.setup()
    assert code == 1 and "Run the same command again" in said
    machine.away.unlink()
    assert machine.setup()[0] == 0


@pytest.mark.parametrize(
    ("there", "chosen"), [({"python3_13": 13, "python3_11": 11}, "3.13"), ({"python3_11": 11}, "3.11")]
)
def test_blender_comes_with_the_newest_python_that_has_one(
    machine: Machine, there: dict[str, int], chosen: str
) -> None:
    machine.pythons(python3=12, **there)
    machine.installed.touch()
    assert machine.blender() == [".venv-blender/bin/python pip requirements-blender.txt"]
    python = machine.project / ".venv-blender" / "bin" / "python"
    assert f"(3, {chosen.split('.')[1]}," in python.read_text()


@pytest.mark.parametrize("kind", ["variable", "file", "old"])
def test_a_blender_that_is_there_stays(machine: Machine, kind: str) -> None:
    machine.pythons(python3=11, python3_13=13)
    machine.installed.touch()
    environment = {"BLENDER_EXECUTABLE": "/opt/blender"} if kind == "variable" else {}
    if kind == "file":
        (machine.project / ".env").write_text("DEBUG=false\nBLENDER_EXECUTABLE=/opt/blender\n")
    if kind == "old":
        module = machine.project / ".venv" / "lib" / "python3.11" / "site-packages" / "bpy" / "__init__.py"
        module.parent.mkdir(parents=True)
        module.touch()
    assert machine.setup(**environment)[2] == [".venv/bin/python pip requirements.txt"]
    assert machine.setup("--blender")[2] == [".venv-blender.new/bin/python pip requirements-blender.txt"], (
        "asked for"
    )
    assert (machine.project / ".venv-blender").is_dir()


def test_without_any_blender_the_three_ways_are_named(machine: Machine) -> None:
    machine.pythons(python3=12)
    machine.installed.touch()
    code, said, _ = machine.setup()
    assert code == 1 and "Three ways" in said and "BLENDER_PYTHON=" in said and "BLENDER_EXECUTABLE=" in said
    assert machine.setup("--web")[0] == 0, "a web server needs none"
