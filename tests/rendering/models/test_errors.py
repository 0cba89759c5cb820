from __future__ import annotations

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
