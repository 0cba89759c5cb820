"""The systemd units: what they start exists, and what they forbid is nothing that a GPU needs."""

from __future__ import annotations

import configparser
import shlex
import shutil
import socket
import subprocess
from pathlib import Path

import pytest

from gpu.workers import systemd
from rendering.management.commands import run_workers, watch
from tests.deploy.test_docker import STOP_SECONDS
from tests.paths import PROJECT

UNITS = PROJECT / "deploy" / "systemd"
HOME = "/opt/renderdesk"


def unit(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None, delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read_string((UNITS / name).read_text())
    return parser


@pytest.mark.parametrize("name", ["renderdesk-web.service", "renderdesk-workers.service"])
def test_a_service_runs_as_its_own_user_and_comes_back(name: str) -> None:
    service = unit(name)["Service"]
    assert service["User"] == service["Group"] == "renderdesk"
    assert service["WorkingDirectory"] == HOME
    assert service["Restart"] == "always"
    assert unit(name)["Unit"]["PartOf"] == "renderdesk.target"
    assert unit(name)["Install"]["WantedBy"] == "renderdesk.target"
    assert name in unit("renderdesk.target")["Unit"]["Wants"].split()


def test_the_watcher_writes_to_its_folder_and_has_options_that_are_known() -> None:
    service = unit("renderdesk-watch@.service")["Service"]
    words = shlex.split(
        service["ExecStart"].replace("$WATCH_OPTIONS", "--revise --customer Acme").replace("%f", "/srv/in")
    )
    assert words[:3] == [f"{HOME}/.venv/bin/python", "manage.py", "watch"]
    assert watch.Command().create_parser("manage.py", "watch").parse_args(words[3:]).revise
    assert service["ReadWritePaths"] == "%f" and service["Restart"] == "always"


def test_run_workers_is_told_to_stop_alone_and_has_the_time_for_it() -> None:
    service = unit("renderdesk-workers.service")["Service"]
    words = shlex.split(service["ExecStart"])
    assert words[:3] == [f"{HOME}/.venv/bin/python", "manage.py", "run_workers"]
    options = run_workers.Command().create_parser("manage.py", "run_workers").parse_args(words[3:])
    assert int(service["TimeoutStopSec"]) >= options.drain_seconds + STOP_SECONDS
    assert service["KillMode"] == "mixed"


def test_workers_reach_the_gpu_and_keep_what_its_driver_wrote() -> None:
    service = unit("renderdesk-workers.service")["Service"]
    assert (service["PrivateTmp"], service["PrivateDevices"]) == ("no", "no")
    assert service["ReadWritePaths"].split() == ["/tmp", "/var/tmp"]
    assert (
        service["CacheDirectory"] == "renderdesk"
    )  # kept by systemd from start to start, unlike RuntimeDirectory
    assert service["LimitMEMLOCK"] == "infinity"
    # Drivers and OpenImageDenoise write machine code while they run; device rules would hide GPUs that come later.
    assert not {"MemoryDenyWriteExecute", "DeviceAllow", "DevicePolicy", "ProtectClock"} & set(service)


def test_systemd_hears_that_workers_are_ready_alive_and_stopping(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.bind(address)
        monkeypatch.setenv("NOTIFY_SOCKET", address)
        systemd.tell("READY=1")
        assert line.recv(100) == b"READY=1"
    monkeypatch.delenv("NOTIFY_SOCKET")
    systemd.tell("WATCHDOG=1")  # to nobody
    assert unit("renderdesk-workers.service")["Service"]["Type"] == "notify"


@pytest.mark.parametrize(
    "name", ["renderdesk-web.service", "renderdesk-workers.service", "renderdesk-watch@.service"]
)
def test_systemd_finds_little_that_a_service_could_do_beside_its_work(name: str) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    argv = ["systemd-analyze", "security", "--offline=true", "--threshold=30", str(UNITS / name)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:] + done.stderr


def test_the_web_server_sees_no_devices_at_all() -> None:
    service = unit("renderdesk-web.service")["Service"]
    assert service["PrivateDevices"] == service["PrivateTmp"] == "yes"
    assert shlex.split(service["ExecStart"])[:2] == [f"{HOME}/.venv/bin/gunicorn", "config.wsgi"]


def test_systemd_itself_finds_nothing_wrong(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    for path in UNITS.iterdir():
        text = path.read_text().replace(f"{HOME}/.venv/bin/gunicorn", "/bin/true")
        (tmp_path / path.name).write_text(text.replace(f"{HOME}/.venv/bin/python", "/bin/true"))
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "renderdesk" in line]
    assert (done.returncode, complaints) == (0, [])
