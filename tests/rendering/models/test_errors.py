from __future__ import annotations

from media_assets.cad.errors import CadErrorCode
from rendering.models.errors import CODES, HOPELESS_CAD, JobError, explain


def test_every_error_of_the_cad_reader_has_a_next_step() -> None:
    assert {code.value for code in CadErrorCode} <= set(CODES)
    assert set(CODES) >= HOPELESS_CAD


def test_an_unknown_code_is_a_defect_of_ours() -> None:
    assert JobError("no_such_code", "x").code == "internal"


def test_the_next_step_is_said_once() -> None:
    text = explain("disk_full", "The disk is full.")
    assert text.startswith("The disk is full. ")
    assert explain("disk_full", text) == text
