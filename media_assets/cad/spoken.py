"""What a child that reads a stranger's file says, taken for nothing but that: checked word by word, or nonsense.

It may be the file that speaks. Nothing here raises for whatever was said. Standard library only.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, TypeGuard

from media_assets.cad.contract import ConversionProgress
from media_assets.cad.error_table import CAD_ERRORS
from media_assets.cad.errors import CadError
from media_assets.cad.problem import Failure
from media_assets.cad.problem import gettext_noop as _
from media_assets.formats import cad

LARGEST = 10**18
LONGEST_WORD, LONGEST_TEXT = 40, 20_000  # characters of a stage, and of a message

PROGRESS = (
    _("Looking at the file"),
    _("Opening what was read before"),
    _("Reading {format}"),
    _("Building the parts"),
    _("Keeping what was read"),
    _("Collecting parts, names and colors"),
    _("Looking at the earlier revision"),
    _("Meshing {count} parts"),
    _("Meshed {done} of {count} parts"),
    _("Collecting triangles"),
    _("Taking the product apart"),
    _("Cutting the parts"),
    _("Drawing the views"),
    _("Drawing exact lines"),
    _("Writing the geometry"),
    _("Reading the geometry back"),
    _("Writing the USD master"),
    _("Writing the report"),
    _("Done"),
)
"""All that a reader says of its progress, with what may stand in it."""
FORMATS = "|".join(re.escape(row.label) for row in cad.CAD_FORMATS.values())
KNOWN = {
    template: re.compile(
        template.format(
            format=f"(?P<format>{FORMATS})", count=r"(?P<count>\d{1,9})", done=r"(?P<done>\d{1,9})"
        ),
        re.ASCII,
    )
    for template in PROGRESS
}


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


def known(message: str) -> tuple[str, dict[str, Any]] | None:
    """Return the template of PROGRESS and its values, if this is how a reader says how far it is."""
    for template, form in KNOWN.items():
        if found := form.fullmatch(message):
            said = found.groupdict()
            return template, {name: int(one) if one.isdecimal() else one for name, one in said.items()}
    return None


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
