"""The error of a row as a value: read from its columns, and set on them."""

from __future__ import annotations

from media_assets.cad.problem import SAID, Failure
from media_assets.models.failing import Failing


def failure_of(row: Failing) -> Failure:
    """Return the error of *row*. What failed before errors had details has its text alone."""
    return Failure(row.error_code, row.error_details or ({SAID: row.error} if row.error else {}))


def clear_failure(row: Failing) -> None:
    """Take the error from *row*, not in the database."""
    row.error_code, row.error, row.error_details = "", "", {}


def set_failure(row: Failing, failure: Failure, text: str) -> None:
    """Set the error of *row*, not in the database; *text*: in English, for programs."""
    row.error_code, row.error, row.error_details = failure.code, text, dict(failure.details)
