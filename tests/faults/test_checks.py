"""The checks of a run find what must not be, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.faults import checks
from tests.faults.checks import Happened, Violation
from tests.faults.frames import SealWatch

KILL = Happened("kill_worker", 1000.0, 1000.0, frozenset({"lost"}))


def line(**fields: Any) -> dict[str, Any]:
    row = {"pk": 1, "state": "done", "error_code": "", "error": "", "order": 1, "product": 1}
    return {**row, "output_type__slug": "still", **fields}


def job(**fields: Any) -> dict[str, Any]:
    row = {"pk": 7, "kind": "render", "state": "succeeded", "recipe_key": "k" * 64, "attempt": 1}
    return {**row, "error_code": "", "error": "", "held": False, "asset": 3, "reuse": {}, **fields}


def attempt(**fields: Any) -> dict[str, Any]:
    row = {"pk": 1, "job": 7, "number": 1, "queue": "asset_pipeline", "outcome": "lost", "error_code": "lost"}
    return {**row, "error": "", "started": 1010.0, "finished": 1030.0, **fields}


def evidence(**parts: Any) -> dict[str, Any]:
    names = (
        "lines",
        "line_jobs",
        "jobs",
        "attempts",
        "assets",
        "cad_files",
        "orders",
        "files",
        "frames",
        "forced",
    )
    empty: dict[str, Any] = {name: [] for name in names}
    return {**empty, "media": "/nowhere", **parts}


def rules(found: Iterable[Violation]) -> list[str]:
    return [one.rule for one in found]


def test_a_line_that_is_in_work_at_the_end_waits_for_ever_and_its_jobs_are_named() -> None:
    stuck = evidence(lines=[line(state="working")], line_jobs=[(1, 7)], jobs=[job(state="failed")])
    (found,) = checks.lines(stuck, [], set())
    assert found.rule == "a line waits for ever"
    assert "render 7 failed" in found.what


def test_only_lines_that_we_canceled_are_canceled() -> None:
    gone = evidence(lines=[line(state="canceled")])
    assert rules(checks.lines(gone, [], set())) == ["a line was canceled by nobody"]
    assert not rules(checks.lines(gone, [], {1}))


@pytest.mark.parametrize(
    ("code", "started", "is_excused"),
    [("lost", 1010.0, True), ("lost", 1200.0, False), ("internal", 1010.0, False)],
)
def test_a_line_may_fail_only_with_a_reason_of_a_fault_of_that_time(
    code: str, started: float, is_excused: bool
) -> None:
    failed = evidence(
        lines=[line(state="failed", error_code=code)],
        line_jobs=[(1, 7)],
        jobs=[job(state="failed")],
        attempts=[attempt(error_code=code, started=started, finished=started + 20)],
    )
    assert bool(rules(checks.lines(failed, [KILL], set()))) is not is_excused
    assert bool(rules(checks.attempts(failed, [KILL]))) is not is_excused


def test_an_attempt_that_is_open_though_its_job_ended_is_found() -> None:
    left = evidence(jobs=[job()], attempts=[attempt(outcome="running", error_code="", finished=None)])
    assert rules(checks.attempts(left, [])) == ["an attempt never ended"]


def test_rows_that_are_there_twice_are_found() -> None:
    twice = evidence(
        lines=[line(), line(pk=2)],
        jobs=[job(state="queued"), job(pk=8, state="running")],
        assets=[{"kind": "still", "recipe_key": "a"}, {"kind": "still", "recipe_key": "a"}],
    )
    found = rules(checks.rows(twice))
    assert found.count("a row is doubled") == 3
    assert found.count("a job waits for ever") == 2


def test_work_that_was_done_twice_is_found_unless_somebody_wanted_it_again() -> None:
    twice = evidence(jobs=[job(), job(pk=8)])
    assert rules(checks.rows(twice)) == ["work was done twice"]
    assert not rules(checks.rows({**twice, "forced": ["k" * 64]}))
    found = {"geometry": {"hit": True}}
    again = [job(kind="tessellate"), job(pk=8, kind="tessellate", reuse=found)]
    assert not rules(checks.rows(evidence(jobs=again))), "the second one found the geometry"


def test_files_are_held_to_their_rows_and_rows_to_their_files(tmp_path: Path) -> None:
    def write(name: str, content: bytes) -> dict[str, Any]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return {"pk": 1, "file": name, "sha256": hashlib.sha256(content).hexdigest()}

    whole, other, gone = write("still/a.png", b"a"), write("still/b.png", b"b"), write("still/c.png", b"c")
    (tmp_path / "still/c.png").unlink()
    for name in ("still/stray.png", "still/.draft-1", "frames/live/1.png", "frames/over/1.png"):
        write(name, b"x")
    found = checks.files(
        evidence(
            assets=[whole, {**other, "sha256": "0"}, gone],
            files=["still/a.png", "still/b.png"],
            frames=["live"],
            media=str(tmp_path),
        )
    )
    assert {(one.rule, one.what.split()[0]) for one in found} == {
        ("a file is not what its row says", "still/b.png"),
        ("a file is gone", "still/c.png"),
        ("a file has no row", "media/still/stray.png"),
        ("a temporary file is left", "media/still/.draft-1"),
        ("work in progress is left", "media/frames/over/1.png"),
    }


def test_what_is_left_in_folders_of_temporary_files_is_found(tmp_path: Path) -> None:
    for name in ("tmp/scan-1", str(Path("cache", "work", "1-2-job-3")), "lost/1/still"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "lost/1/still/a.png").touch()
    assert rules(checks.leftovers(tmp_path)) == [
        "a temporary file is left",
        "a temporary file is left",
        "a file was written where the media were not",
    ]


def test_a_frame_that_is_sealed_again_is_found_unless_somebody_wanted_the_film_again(tmp_path: Path) -> None:
    watch = SealWatch(tmp_path)
    seal = tmp_path / "frames" / "film" / "frame_0001.json"
    seal.parent.mkdir(parents=True)
    for words in ("{}", "{}", '{"sha256": "another"}'):
        seal.write_text(words)
        watch.look()
    seals = watch.stop()
    assert rules(checks.frames(seals, [])) == ["a sealed frame was rendered again"]
    assert not rules(checks.frames(seals, ["film"]))
