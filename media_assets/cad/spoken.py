"""What a child that reads a stranger's file says, taken for nothing but that: checked word by word, or nonsense.

It may be the file that speaks. Nothing here raises for whatever was said. Standard library only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, TypeGuard

from media_assets.cad.contract import ConversionProgress
from media_assets.cad.error_table import CAD_ERRORS
from media_assets.cad.errors import CadError
from media_assets.cad.problem import Failure

LARGEST = 10**18
LONGEST_WORD, LONGEST_TEXT = 40, 20_000  # characters of a stage, and of a message


@dataclass(frozen=True)
class Nonsense:
    """A line that no sound reader says."""


def understood(line: str) -> ConversionProgress | CadError | Nonsense:
    """Return what one line of a child says."""
    try:
        said = json.loads(line)
    except (ValueError, RecursionError):
        return Nonsense()
    if not isinstance(said, dict):
        return Nonsense()
    if said.get("event") == "error":
        return told_error(said) or Nonsense()
    fraction, stage, message = said.get("fraction"), words(said.get("stage")), words(said.get("message"))
    if said.get("event") != "progress" or not is_number(fraction) or stage is None or message is None:
        return Nonsense()
    return ConversionProgress(min(1.0, max(0.0, float(fraction))), stage[:LONGEST_WORD], message)


def told_error(said: Any) -> CadError | None:
    """Return the error that these JSON values stand for; None if they stand for none."""
    if not isinstance(said, dict) or not isinstance(said.get("details"), dict):
        return None
    code, details = said.get("code"), said["details"]
    if not isinstance(code, str) or code not in CAD_ERRORS:
        return None
    plain = {str(name): words(value) if isinstance(value, str) else value for name, value in details.items()}
    if not all(isinstance(value, str) or is_number(value) for value in plain.values()):
        return None
    return CadError.from_failure(Failure(code, plain))


def words(said: Any) -> str | None:
    """Return a text as a database and a page can hold it; None for what is no text."""
    if not isinstance(said, str):
        return None
    return said[:LONGEST_TEXT].replace("\0", " ").encode("utf-8", "replace").decode()


def is_number(said: Any) -> TypeGuard[float]:
    """Whether this is a number of a size that a database and a sentence can hold."""
    if isinstance(said, bool) or not isinstance(said, (int, float)):
        return False
    return -LARGEST <= said <= LARGEST
