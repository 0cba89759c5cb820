from __future__ import annotations

from media_assets.cad.errors import CadError, CadErrorCode
from media_assets.ingest.problems import HEADLINES, describe


def test_every_way_in_which_reading_ends_has_a_headline() -> None:
    assert {str(code) for code in CadErrorCode} - {"canceled"} <= HEADLINES.keys()


def test_a_failure_is_taken_apart_into_what_happened_the_readers_words_and_the_next_step() -> None:
    error = CadError("damaged", "It crashed the reader.", "Line 26: Incorrect syntax")
    problem = describe("damaged", f"{error} Export it again.", "Export it again.")
    assert problem.headline == "The file is damaged"
    assert problem.message == "It crashed the reader."
    assert problem.words == "Line 26: Incorrect syntax"
    assert problem.step == "Export it again."


def test_a_failure_without_words_of_the_reader_has_none() -> None:
    problem = describe("something_new", "It broke.")
    assert (problem.headline, problem.message, problem.words) == ("The conversion failed", "It broke.", "")
