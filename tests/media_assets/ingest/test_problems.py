from __future__ import annotations

from media_assets.cad.problem import Failure
from media_assets.ingest.problems import clear_failure, failure_of, set_failure
from media_assets.models import CadFile


def test_the_error_of_a_row_is_what_was_set() -> None:
    row, failure = CadFile(), Failure.of("hung", "reader", seconds=60.0)
    set_failure(row, failure, "It got stuck.")
    assert failure_of(row) == failure
    assert (row.error_code, row.error) == ("hung", "It got stuck.")
    clear_failure(row)
    assert failure_of(row) == Failure("", {})


def test_a_row_from_before_errors_had_details_has_its_text() -> None:
    assert failure_of(CadFile(error_code="hung", error="It got stuck.")) == Failure(
        "hung", {"said": "It got stuck."}
    )
