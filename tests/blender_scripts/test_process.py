"""Who a process is: known dead only when it really is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from blender_scripts.children import process
from tests.paths import PROJECT


@pytest.fixture
def child() -> Iterator[subprocess.Popen[bytes]]:
    waiting = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield waiting
    waiting.kill()
    waiting.communicate()


def test_this_process_lives() -> None:
    assert not process.is_known_dead(process.identity())
    assert process.identity().startswith(f"{process.HOST}:{process.boot_id()}/")
    assert f":{os.getpid()}:" in process.identity()


def test_a_process_that_ended_is_dead(child: subprocess.Popen[bytes]) -> None:
    who = process.identity(child.pid)
    assert not process.is_known_dead(who)
    child.kill()
    child.wait()
    assert process.is_known_dead(who)


def test_a_zombie_is_dead_though_its_number_is_taken(child: subprocess.Popen[bytes]) -> None:
    who = process.identity(child.pid)
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert process.is_known_dead(who)


def test_a_number_that_was_given_to_another_process_is_not_the_old_one() -> None:
    host, boot, pid, start = process.identity().rsplit(":", 3)
    assert process.is_known_dead(f"{host}:{boot}:{pid}:{int(start) - 1}")


def test_a_process_from_before_the_reboot_is_dead() -> None:
    _, _, pid, start = process.identity().rsplit(":", 3)
    assert process.is_known_dead(f"{process.HOST}:an-older-boot:{pid}:{start}")


def test_of_another_host_nothing_is_known() -> None:
    assert not process.is_known_dead("elsewhere:boot:1:1")


def test_a_host_name_may_hold_colons(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "HOST", "fe80::1")
    assert not process.is_known_dead(process.identity())


def test_a_program_name_with_brackets_and_blanks_does_not_hide_its_start() -> None:
    import ctypes

    libc = ctypes.CDLL(None)
    before = process.start_ticks(os.getpid())
    name = open(f"/proc/{os.getpid()}/comm").read().strip()  # noqa: PTH123, SIM115
    libc.prctl(15, b"a) Z 0 (b", 0, 0, 0)
    try:
        assert process.start_ticks(os.getpid()) == before
    finally:
        libc.prctl(15, name.encode(), 0, 0, 0)


def test_of_another_container_with_the_same_name_nothing_is_known() -> None:
    host, _, _, start = process.identity().rsplit(":", 3)
    assert not process.is_known_dead(f"{host}:{process.boot_id()}/4026539999:999999:{start}")


def test_an_identity_of_a_version_without_namespaces_is_still_judged() -> None:
    host, _, pid, start = process.identity().rsplit(":", 3)
    assert not process.is_known_dead(f"{host}:{process.boot_id()}:{pid}:{start}")
    assert process.is_known_dead(f"{host}:{process.boot_id()}:{pid}:1")


def test_a_container_takes_no_process_outside_for_dead() -> None:
    """A real process namespace, as each container has one, where this test's process has no number."""
    look = (
        "import sys; from blender_scripts.children.process import identity, is_known_dead as dead; "
        "print(dead(sys.argv[1]), dead(identity()))"
    )
    inside = ["unshare", "--pid", "--fork", "--mount-proc", sys.executable, "-c", look, process.identity()]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*inside[:4], "true"], capture_output=True).returncode
    ):
        pytest.skip("this user may not make process namespaces")
    environment = os.environ | {"RENDERDESK_HOST": process.HOST}
    done = subprocess.run(inside, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_a_process_that_proc_hides_is_not_known_dead(
    child: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with hidepid=2, which hides even processes of the same user when they are unreadable."""
    who = process.identity(child.pid)

    def hidden(path: Path, *_: object, **__: object) -> str:
        raise FileNotFoundError(path)

    for read in ("read_text", "read_bytes"):
        monkeypatch.setattr(Path, read, hidden)
    monkeypatch.setattr(process, "boot_id", lambda: who.split(":")[1].partition("/")[0])
    assert not process.is_known_dead(who)
    child.kill()
    child.wait()
    assert process.is_known_dead(who)
