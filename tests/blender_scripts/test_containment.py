"""Blender as a child: it is gone when it should be gone, and its end is told in words."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from blender_scripts.contract import Progress
from blender_scripts.launch import Blender, LogLine, Session, SessionDied
from tests.blender_scripts.conftest import render, spec_for

LONG = {"samples": 65536, "noise_threshold": 0.0, "width": 512, "height": 512}


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def wait_until_sampling(session: Session) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline:
        if any(isinstance(event, Progress) and event.stage == "sample" for event in session.poll(0.5)):
            return
    raise AssertionError("it never sampled")


def fake(tmp_path: Path, code: str) -> Session:
    """A session whose Blender is a few lines of Python."""
    script = tmp_path / "fake.py"
    script.write_text(code)
    runner = tmp_path / "blender"
    runner.write_text(f"#!/bin/sh\nexec {sys.executable} -u {script}\n")
    runner.chmod(0o755)
    return Session(Blender(prefix=(str(runner),), version="4.5", is_module=False), cwd=tmp_path)


def test_a_running_render_is_killed_within_a_second(blender: Blender, red_box: Path, tmp_path: Path) -> None:
    session = Session(blender, device_policy="cpu", cwd=tmp_path)
    session.start()
    session.submit(spec_for(red_box, tmp_path / "a.png", **LONG))
    wait_until_sampling(session)
    pid = session.pid
    assert pid is not None
    assert session.rss_mb() > 50
    begun = time.monotonic()
    session.kill()
    assert time.monotonic() - begun < 2.0
    assert is_gone(pid)
    assert not session.alive
    assert not list(tmp_path.glob("*.part"))


def test_the_death_of_blender_is_told_with_its_signal(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    session = Session(blender, device_policy="cpu", cwd=tmp_path)
    session.start()
    session.submit(spec_for(red_box, tmp_path / "a.png", **LONG))
    wait_until_sampling(session)
    os.kill(session.pid or 0, signal.SIGKILL)
    with pytest.raises(SessionDied) as died:
        for _ in range(20):
            session.poll(1.0)
    session.kill()
    assert died.value.returncode == -signal.SIGKILL
    assert "signal SIGKILL" in str(died.value)
    assert died.value.argv[-2:] == ["--policy", "cpu"]


def test_a_stopped_session_leaves_politely_and_can_start_again(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    session = Session(blender, device_policy="cpu", cwd=tmp_path)
    session.start()
    render(session, spec_for(red_box, tmp_path / "a.png"))
    assert (session.jobs_done, session.geometry_key) == (1, "red")
    session.stop()
    assert not session.alive
    session.start()
    assert (session.jobs_done, session.geometry_key) == (0, "")
    assert render(session, spec_for(red_box, tmp_path / "b.png")).outcome.ok
    session.stop()


def test_blender_dies_with_the_worker_that_started_it(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    worker = f"""
import sys, time
from pathlib import Path
from blender_scripts.contract import Progress
from blender_scripts.launch import Session, find_blender
from tests.blender_scripts.conftest import spec_for
session = Session(find_blender(), device_policy="cpu")
session.start()
session.submit(spec_for(Path({str(red_box)!r}), Path({str(tmp_path / "a.png")!r}), **{LONG!r}))
while not any(isinstance(event, Progress) and event.stage == "sample" for event in session.poll(0.5)):
    pass
print(session.pid, flush=True)
time.sleep(300)
"""
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.Popen([sys.executable, "-c", worker], stdout=subprocess.PIPE, cwd=root, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    assert not is_gone(child)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 5
    while not is_gone(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert is_gone(child)


def test_much_output_and_broken_bytes_do_not_block(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "out = sys.stdout.buffer\n"
        "for n in range(20000): out.write(b'noise ' * 20 + bytes([255, 254]) + b'\\n')\n"
        "out.write(b'x' * 1_000_000); out.flush(); sys.exit(7)\n"
    )
    session = fake(tmp_path, code)
    session.start()
    lines = 0
    with pytest.raises(SessionDied) as died:
        while True:
            lines += sum(isinstance(event, LogLine) for event in session.poll(1.0))
    session.kill()
    assert lines > 20000
    assert died.value.returncode == 7
    assert len(died.value.tail) == 200


def test_a_process_that_ignores_sigterm_is_killed_all_the_same(tmp_path: Path) -> None:
    code = (
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nprint('up')\ntime.sleep(300)\n"
    )
    session = fake(tmp_path, code)
    session.start()
    while not session.poll(1.0):
        pass
    begun = time.monotonic()
    session.kill()
    assert time.monotonic() - begun < 2.0
    assert is_gone(session.pid or 0)


def test_the_child_sees_no_secrets_of_the_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.setenv("DATABASE_URL", "postgres://user:hush@db/x")
    session = fake(tmp_path, "import os\nprint(sorted(os.environ.items()))\n")
    session.start()
    with pytest.raises(SessionDied) as died:
        while True:
            session.poll(1.0)
    session.kill()
    assert "hush" not in "".join(died.value.tail)
    assert str(tmp_path) in "".join(died.value.tail)
