"""Whose fault a failed conversion is: the file's, the limits' or our own code's."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from media_assets.cad.client import Conversion
from media_assets.cad.contract import Kept, Limits
from media_assets.cad.errors import CadError
from media_assets.cad.failures import explain_exit
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import PROJECT

FAILING = """
import json, sys
from OCP.Standard import Standard_OutOfRange
from media_assets.cad import child, converter
from media_assets.cad.contract import Request
from media_assets.cad.errors import CadError

for error in (TypeError("no overload fits"), PermissionError(13, "denied"), Standard_OutOfRange("index")):
    def fail(converter):
        raise error
    converter.Converter.run = fail
    try:
        child.convert(Request("cube.step", sys.argv[1], sys.argv[1], "cube"), lambda told: None)
    except CadError as told:
        print("TOLD", json.dumps([told.code, told.message, told.words]))
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Any], str]:
    """[code, message, details] of a TypeError, an OSError and an exception of OpenCASCADE in a conversion; the log."""
    argv = [sys.executable, "-c", FAILING, str(tmp_path_factory.mktemp("work"))]
    ended = subprocess.run(argv, cwd=PROJECT, capture_output=True, text=True, check=True)
    lines = [line.removeprefix("TOLD ") for line in ended.stdout.splitlines() if line.startswith("TOLD ")]
    return [json.loads(line) for line in lines], ended.stderr


def test_defect_of_our_own_code_is_not_told_as_a_damaged_file(told: tuple[list[Any], str]) -> None:
    (code, message, details), _, _ = told[0]
    assert code == "reader_failed"
    assert "not mean that the file is damaged" in message and "Report it" in message
    assert details.startswith("TypeError: no overload fits (") and "line" in details
    assert "Traceback" in told[1]


def test_error_of_the_system_keeps_its_words(told: tuple[list[Any], str]) -> None:
    code, _, details = told[0][1]
    assert code == "reader_failed"
    assert "denied" in details


def test_exception_of_opencascade_is_a_damaged_file(told: tuple[list[Any], str]) -> None:
    code, _, details = told[0][2]
    assert code == "damaged"
    assert details == "Standard_OutOfRange: index"


def test_signal_is_the_files_doing_and_an_exit_code_is_ours() -> None:
    log = "Traceback (most recent call last):\nKeyError: 'box'"
    ours = explain_exit(1, 100, Limits(), log)
    assert (ours.code, ours.words) == ("reader_failed", "KeyError: 'box'")
    assert explain_exit(-signal.SIGSEGV, 100, Limits(), "").code == "damaged"
    assert explain_exit(1, 100, Limits(), "MemoryError").code == "out_of_memory"


@pytest.mark.parametrize("code", ["reader_failed", "damaged"])
def test_failure_on_a_kept_document_is_tried_once_more_from_the_file(
    code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    conversion = Conversion(tmp_path / "a.step", tmp_path, PRESETS["draft"], kept=Kept("kept.xbf", {}))
    submitted: list[bool] = []
    monkeypatch.setattr(conversion, "_submit", lambda: submitted.append(True))
    failure = {"event": "error", "code": code, "details": {"said": "It failed."}}
    for is_over in (False, True):
        for said in (
            {"event": "progress", "fraction": 0.1, "stage": "document", "message": "Opening"},
            failure,
        ):
            conversion._take_word(json.dumps(said))
        ended, nothing_more = {"event": "exit", "code": 1, "peak_mb": 10}, SimpleNamespace(waiting=False)
        conversion._take_notice(ended, nothing_more)  # type: ignore[arg-type]
        assert conversion.done == is_over
    assert submitted == [True] and conversion.kept is None
    with pytest.raises(CadError, match="It failed"):
        conversion.result()
