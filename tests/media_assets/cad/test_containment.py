from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from media_assets.cad import client as client_module
from media_assets.cad.client import Conversion, check_reader
from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import CORPUS, PROJECT, SAMPLES, Convert, finish, needs_corpus

BEARING = SAMPLES / "tapered_roller_bearing.step"
SLOW = dataclasses.replace(PRESETS["fine"], linear=0.00001, part_linear=0.00001, angular=0.01)


def wait_for(what: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return what()


def running(conversion: Conversion) -> int:
    """Start a conversion and return the process id of its child once it reads."""
    conversion.start()
    assert wait_for(lambda: bool(conversion.poll(0.2)) and conversion.pid is not None)
    assert conversion.pid is not None
    return conversion.pid


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@needs_corpus
def test_crash_of_the_reader_leaves_the_server_alive(convert: Convert) -> None:
    convert(BEARING)
    server = ForkServer.of_this_process().pid
    with pytest.raises(CadError, match="SIGSEGV"):
        convert(CORPUS / "broken" / "mangled_type.step")
    assert convert(BEARING).report["instances"] == 23
    assert ForkServer.of_this_process().pid == server


def test_file_that_takes_too_long_is_stopped_and_called_hung(convert: Convert, tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(CadError) as failure:
        convert(BEARING, tessellation=SLOW, limits=Limits(wall_s=1.0))
    assert failure.value.code == "hung"
    assert time.monotonic() - started < 4
    assert list((tmp_path / "out").iterdir()) == []


def test_file_that_needs_too_much_memory_is_called_out_of_memory(convert: Convert) -> None:
    with pytest.raises(CadError) as failure:
        convert(BEARING, tessellation=PRESETS["fine"], limits=Limits(memory_mb=5), want_usd=True)
    assert failure.value.code == "out_of_memory"
    assert "5 MB" in failure.value.message


def test_result_that_is_too_large_for_a_file_is_called_disk_full(convert: Convert) -> None:
    with pytest.raises(CadError) as failure:
        convert(BEARING, tessellation=PRESETS["fine"], limits=Limits(output_mb=1))
    assert failure.value.code == "disk_full"


def test_canceled_conversion_ends_its_child_within_a_second(tmp_path: Path) -> None:
    conversion = Conversion(BEARING, tmp_path, SLOW)
    pid = running(conversion)
    started = time.monotonic()
    conversion.kill()
    assert time.monotonic() - started < 1.2
    assert wait_for(lambda: not is_alive(pid))
    with pytest.raises(CadError) as failure:
        conversion.result()
    assert failure.value.code == "canceled"
    assert list(tmp_path.iterdir()) == []


def test_child_that_does_not_take_sigterm_is_killed(tmp_path: Path) -> None:
    conversion = Conversion(BEARING, tmp_path, SLOW)
    pid = running(conversion)
    os.kill(pid, signal.SIGSTOP)  # a stopped process takes no signal but SIGKILL
    conversion.kill()
    assert wait_for(lambda: not is_alive(pid))


def test_two_files_are_converted_at_once_by_one_server(tmp_path: Path) -> None:
    (tmp_path / "slow").mkdir()
    (tmp_path / "quick").mkdir()
    slow = Conversion(BEARING, tmp_path / "slow", SLOW)
    running(slow)
    server = ForkServer.of_this_process().pid
    quick = Conversion(BEARING, tmp_path / "quick", PRESETS["draft"], want_usd=False)
    assert finish(quick).report["instances"] == 23
    assert not slow.done
    slow.kill()
    assert ForkServer.of_this_process().pid == server


def test_conversion_canceled_before_its_child_exists_never_starts_one(tmp_path: Path) -> None:
    ForkServer.close_current()
    conversion = Conversion(BEARING, tmp_path, SLOW)
    conversion.start()
    conversion.kill()
    server = psutil.Process(ForkServer.of_this_process().pid)
    finish(Conversion(BEARING, tmp_path, PRESETS["draft"], want_usd=False))
    assert wait_for(lambda: server.children() == [])


def test_child_ends_when_its_owner_lets_go_of_it(tmp_path: Path) -> None:
    conversion = Conversion(BEARING, tmp_path, SLOW)
    pid = running(conversion)
    del conversion
    assert wait_for(lambda: not is_alive(pid), 3)


def test_killed_server_is_replaced_and_the_file_read_again(tmp_path: Path) -> None:
    conversion = Conversion(BEARING, tmp_path, PRESETS["fine"], want_usd=False)
    running(conversion)
    killed = ForkServer.of_this_process().pid
    os.kill(killed, signal.SIGKILL)
    while not conversion.done:
        conversion.poll(1.0)
    assert conversion.result().report["instances"] == 23
    assert ForkServer.of_this_process().pid != killed


def test_server_that_died_while_idle_is_replaced(convert: Convert) -> None:
    server = ForkServer.of_this_process().pid
    os.kill(server, signal.SIGKILL)
    assert wait_for(lambda: not is_alive(server))
    assert convert(BEARING).report["instances"] == 23


def test_nothing_survives_the_death_of_the_worker(tmp_path: Path) -> None:
    program = f"""
import dataclasses, time
from pathlib import Path
from media_assets.cad.client import Conversion
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.settings import PRESETS
slow = dataclasses.replace(PRESETS["fine"], linear=0.00001, part_linear=0.00001, angular=0.01)
conversion = Conversion(Path({str(BEARING)!r}), Path({str(tmp_path)!r}), slow)
conversion.start()
while conversion.pid is None:
    conversion.poll(1)
print(ForkServer.of_this_process().pid, conversion.pid, flush=True)
time.sleep(60)
"""
    argv = [sys.executable, "-c", program]
    with subprocess.Popen(argv, cwd=PROJECT, stdout=subprocess.PIPE, text=True) as worker:
        assert worker.stdout is not None
        server, child = (int(pid) for pid in worker.stdout.readline().split())
        assert is_alive(server) and is_alive(child)
        worker.kill()
    assert wait_for(lambda: not is_alive(server) and not is_alive(child), 3)


def test_reader_sees_no_secret_and_no_file_of_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ForkServer.close_current()
    monkeypatch.setenv("SECRET_KEY", "do-not-tell")
    conversion = Conversion(BEARING, tmp_path, SLOW)
    child = psutil.Process(running(conversion))
    try:
        assert "do-not-tell" not in child.environ().values()
        assert Path(child.cwd()).parent == tmp_path
        assert os.getpgid(child.pid) == child.pid
    finally:
        conversion.kill()


def test_progress_rises_and_names_its_stages(tmp_path: Path) -> None:
    conversion = Conversion(BEARING, tmp_path, PRESETS["draft"])
    conversion.start()
    told = []
    while not conversion.done:
        told += conversion.poll(1.0)
    assert [one.fraction for one in told] == sorted(one.fraction for one in told)
    assert {"prescan", "read", "transfer", "mesh", "glb", "usd"} <= {one.stage for one in told}


def test_check_names_the_versions_of_the_reader() -> None:
    assert "cadquery-ocp-novtk" in check_reader()


def test_check_names_the_debian_package_of_a_missing_library(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "media_assets" / "cad"
    package.mkdir(parents=True)
    words = "libGL.so.1: cannot open shared object file: No such file or directory"
    (package / "child.py").write_text(f"raise ImportError({words!r})", encoding="utf-8")
    monkeypatch.setattr(client_module, "PROJECT_ROOT", tmp_path)
    with pytest.raises(CadError, match="apt-get install libgl1") as failure:
        check_reader()
    assert failure.value.code == "reader_missing"


def test_program_converts_a_file_by_hand(tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "media_assets.cad.child", str(BEARING), str(tmp_path), "--preset", "draft"]
    finished = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=True)
    assert "100% Done" in finished.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["geometry.glb", "master.usdc", "report.json"]
