from __future__ import annotations

import pytest
from django.utils import translation

from blender_scripts.contract import RenderOutcome
from blender_scripts.refusals import REFUSALS, in_english
from rendering.farm.driving import failed
from rendering.models import Job
from rendering.models.errors import ERRORS, JobError, problem_of, text_of


def test_an_unknown_code_is_a_defect_of_ours() -> None:
    assert JobError("no_such_code", said="x").code == "internal"


def test_the_next_step_is_said_once() -> None:
    text = text_of(JobError("disk_full", said="The disk is full.").failure)
    assert text == f"The disk is full. {ERRORS['disk_full'].step}"
    assert text_of(JobError("disk_full", said=text).failure) == text


def test_a_code_that_the_reader_and_blender_share_has_messages_of_both() -> None:
    assert JobError("hung", "reader", seconds=60).message.startswith(
        "Reading the file did not end within 60 s"
    )
    assert JobError("hung", "blender", seconds=300.4).message == "Blender said nothing for 300 s."


def test_a_row_is_put_in_words_where_it_is_shown() -> None:
    job = Job(error_code="timed_out", error="-", error_details={"case": "render", "seconds": 60})
    problem = problem_of(job)
    assert problem.message == "The render took longer than 60 s."
    assert problem.next_step == ERRORS["timed_out"].step


@pytest.mark.parametrize(
    ("code", "case"), [(code, case) for code, cases in REFUSALS.items() for case in cases]
)
def test_what_blender_can_not_do_is_said_in_the_readers_language(code: str, case: str) -> None:
    details = dict.fromkeys(("file", "reason", "count", "example", "mm", "part", "error"), "7")
    english = in_english(code, case, details)
    error = failed(
        RenderOutcome(ok=False, error_code=code, error=english, error_case=case, error_details=details)
    )
    assert (error.code, error.message) == (code, english)
    job = Job(error_code=code, error="-", error_details=dict(error.failure.details))
    for language in ("de", "zh-hans"):
        with translation.override(language):
            problem = problem_of(job)
            assert problem.message and problem.message not in english and problem.next_step not in english


def test_an_error_of_blender_without_a_case_keeps_its_words() -> None:
    outcome = RenderOutcome(ok=False, error_code="bad_spec", error="width: expected 16 to 8192, got 3.")
    assert failed(outcome).message == outcome.error
