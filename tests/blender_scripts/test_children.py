"""What every contained child has, whoever starts it: limits, a parent that it does not outlive, an end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from blender_scripts.children.contained import PARENT
from blender_scripts.children.lines import Lines, send
from blender_scripts.children.program import Child, contained, run
from tests.blender_scripts.test_containment import is_gone
from tests.paths import PROJECT

LIMITS = "import resource as r; print(*map(r.getrlimit, (r.RLIMIT_CPU, r.RLIMIT_FSIZE, r.RLIMIT_CORE)))"


def test_a_program_gets_its_limits_and_leaves_no_core() -> None:
    done = run(contained([sys.executable, "-c", LIMITS], cpu=7, file=4096), 20)
    assert (done.returncode, done.text(said=True)) == (0, "(7, 7) (4096, 4096) (0, 0)")


def test_a_program_whose_parent_is_gone_is_not_started() -> None:
    gone = subprocess.Popen(["true"])
    os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)  # a zombie: its number is still taken
    argv = contained(["/bin/echo", "started"])
    done = subprocess.run(argv, env={PARENT: str(gone.pid)}, capture_output=True)
    gone.wait()
    assert (done.returncode, done.stdout) == (1, b"")


def test_a_wrapper_may_stand_between_a_program_and_its_parent() -> None:
    argv = contained(["/bin/echo", "started"])
    done = run(["/bin/sh", "-c", '"$@"; exit 3', "wrapper", *argv], 20)
    assert (done.returncode, done.text(said=True)) == (3, "started")


def test_a_contained_program_ends_with_whoever_started_it() -> None:
    code = (
        "from blender_scripts.children.program import Child, contained; import time\n"
        "print(Child(contained(['/bin/sleep', '60'])).process.pid, flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=PROJECT, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    deadline = time.monotonic() + 10
    while "sleep" not in Path(f"/proc/{child}/cmdline").read_text().split("\0")[0]:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    while not is_gone(child) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert is_gone(child)


def test_a_program_gives_way_to_others_with_all_that_comes_of_it() -> None:
    """The kernel weighs sessions first where it groups them, and each child has a session of its own."""
    shown = "cat /proc/self/autogroup; nice"
    child = Child(["/bin/sh", "-c", f"read go; {shown}"], niceness=7)
    child.send({"go": True})
    deadline, said = time.monotonic() + 20, []
    while not child.ended(wait=1.0):
        assert time.monotonic() < deadline
        said += [line.text for line in child.lines(0.2)]
    child.kill()
    assert said[-1] == "7"
    assert len(said) == 1 or said[0].endswith("nice 7") or "autogroup" not in said[0]


def test_a_program_that_takes_too_long_ends_with_what_it_started() -> None:
    """A wrapper that was killed alone would leave its program, with our pipes open, behind."""
    began = time.monotonic()
    done = run(["/bin/sh", "-c", "sleep 60 & echo $!; wait"], 0.5)
    assert done.timed_out and done.returncode == -signal.SIGTERM
    while not is_gone(int(done.text(said=True))):
        assert time.monotonic() - began < 2.5
        time.sleep(0.01)


def test_an_end_is_not_waited_for_because_somebody_holds_the_pipes() -> None:
    began = time.monotonic()
    done = run(["/bin/sh", "-c", "sleep 60 & echo done >&2; exit 4"], 20)
    assert (done.returncode, done.timed_out, done.text(said=False)) == (4, False, "done")
    assert time.monotonic() - began < 5


def test_lines_come_whole_and_the_first_source_speaks() -> None:
    (said, say), (noise, rustle) = os.pipe(), os.pipe()
    lines = Lines(said, noise)
    os.write(say, b"half a ")
    assert lines.read(0) == []
    send(say, "line")
    send(rustle, {"a": 1})
    os.write(say, b"and a rest")
    os.close(say)
    found = lines.read(1)
    os.close(rustle)
    while not lines.ended:
        found += lines.read(1)
    assert sorted(found) == [
        ("and a rest", True, False),
        ("half a line", True, True),
        ('{"a": 1}', False, True),
    ]
    lines.close()
    for descriptor in (said, noise):
        os.close(descriptor)
