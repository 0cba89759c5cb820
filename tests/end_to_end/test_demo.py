"""The demo as a newcomer meets it: one command, a password, an address, and nothing left behind."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end.installation import Installation, free_port, installation
from tests.end_to_end.visitor import Visitor

pytestmark = pytest.mark.timeout(500)

LOG_IN = re.compile(r"operator   (\S+)")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose demo pictures are tiny; its workers look for GPUs, as a newcomer's do."""
    with installation(tmp_path_factory.mktemp("demo")) as it:
        it.environment["CYCLES_DEVICE"] = "auto"
        for slug in ("thumbnail", "still-1024", "still-1024-webp"):
            it.make_tiny(slug)
        yield it


@pytest.fixture(scope="module")
def first(desk: Installation) -> tuple[int, str]:
    """The first run: its exit code and its words."""
    return run(desk)


def run(desk: Installation) -> tuple[int, str]:
    process = start(desk, "--once")
    code = process.wait(300)
    return code, words(desk)


def start(desk: Installation, *arguments: str) -> subprocess.Popen[bytes]:
    return desk.start("manage.py", "demo", "--port", str(free_port()), *arguments)


def words(desk: Installation) -> str:
    """What the process that was started last has printed so far."""
    number = len(desk.processes) - 1
    return (desk.folder / f"process-{number}.log").read_text(errors="replace")


def test_it_ends_well_and_says_where_to_look(desk: Installation, first: tuple[int, str]) -> None:
    code, text = first
    assert code == 0, text
    assert re.search(r"The desk: +http://127\.0\.0\.1:\d+/admin/", text)
    assert re.search(r"The picture: +http://127\.0\.0\.1:\d+/admin/media_assets/mediaasset/\d+/change/", text)
    file = re.search(r"Its file: +(\S+)", text)
    assert file and Path(file[1]).is_file()
    assert "Traceback" not in text


def test_it_prints_a_password_of_its_own_once(first: tuple[int, str]) -> None:
    _, text = first
    (password,) = LOG_IN.findall(text)
    assert len(password) >= 12
    assert text.count(password) == 1


def test_it_leaves_no_process_behind(desk: Installation, first: tuple[int, str]) -> None:
    assert desk.wait_until(lambda: not desk.children(), "everything ended", 10)


def test_run_again_it_keeps_everything_and_says_so(desk: Installation, first: tuple[int, str]) -> None:
    before: list[dict[str, Any]] = desk.jobs()
    code, text = run(desk)
    assert code == 0, text
    assert "The operator exists already" in text and not LOG_IN.search(text)
    assert "The picture:" in text
    assert desk.jobs() == before, "nothing is rendered a second time"
    assert desk.wait_until(lambda: not desk.children(), "everything ended", 10)


def test_the_printed_password_opens_the_admin(desk: Installation, first: tuple[int, str]) -> None:
    process = start(desk)
    desk.wait_until(lambda: "Ctrl-C stops it" in words(desk), "the demo serves", 120)
    address = re.search(r"(http://127\.0\.0\.1:\d+)/admin/", words(desk))
    password = LOG_IN.search(first[1])
    assert address and password
    operator = Visitor(address[1])
    operator.log_in("operator", password[1])
    assert "Kegelrollenlager" in operator.get("/admin/media_assets/product/").text
    stop_and_expect_a_clean_end(desk, process, signal.SIGTERM)


@pytest.mark.parametrize("moment", ["Looking at Blender", "Starting workers", "Importing the sample"])
def test_ctrl_c_stops_it_cleanly_at_any_moment(tmp_path: Path, moment: str) -> None:
    with installation(tmp_path) as desk:
        desk.make_tiny("thumbnail", samples=4000, width=512, height=512)
        process = start(desk)
        desk.wait_until(lambda: moment in words(desk), moment, 90)
        stop_and_expect_a_clean_end(desk, process, signal.SIGINT)


def stop_and_expect_a_clean_end(
    desk: Installation, process: subprocess.Popen[bytes], number: signal.Signals
) -> None:
    process.send_signal(number)
    assert process.wait(60) == 0, words(desk)
    assert "nothing is left running" in words(desk)
    assert "Traceback" not in words(desk), words(desk)
    assert desk.wait_until(lambda: not desk.children(), "everything ended", 10)
