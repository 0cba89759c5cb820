"""Why a CAD file could not be turned into geometry: a code and details, whose words are in `error_table`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from media_assets.cad.error_table import CAD_ERRORS
from media_assets.cad.problem import CodedError, ErrorKind, Failure


class CadError(CodedError):
    """A CAD file that gives no geometry, with one of the codes of CAD_ERRORS. Raises ValueError for another one."""

    kinds: ClassVar[Mapping[str, ErrorKind]] = CAD_ERRORS

    def __init__(self, code: str, case: str = "", /, *, words: str = "", **details: Any) -> None:
        if code not in CAD_ERRORS:
            raise ValueError(f"{code!r} is no code of the CAD reader.")
        super().__init__(code, case, words=words, **details)

    def add_words(self, words: str) -> None:
        """Add what the reader said, unless that is known."""
        if words and not self.words:
            self.failure = Failure.of(self.code, **{**self.failure.details, "words": words})
