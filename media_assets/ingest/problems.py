"""Why a CAD file failed, taken apart for its page: a headline, what happened and what to do, the reader's words."""

from __future__ import annotations

from dataclasses import dataclass

from media_assets.cad.errors import READER_SAID

HEADLINES = {
    "empty": "The file is empty",
    "not_cad": "This is not a CAD file",
    "truncated": "The end of the file is missing",
    "too_large": "The file is too large",
    "external_reference": "The file refers to other files",
    "too_many_instances": "The assembly has too many parts",
    "cyclic_assembly": "An assembly contains itself",
    "nothing_to_show": "There is nothing to show in the file",
    "no_usable_geometry": "Nothing in the file can be shown",
    "unit_unknown": "The length unit is not known",
    "unreadable": "The reader can't take the file",
    "damaged": "The file is damaged",
    "reader_failed": "Renderdesk failed on this file",
    "hung": "The reader got stuck",
    "timed_out": "The conversion took too long",
    "out_of_memory": "The file needs too much memory",
    "disk_full": "The disk is full",
    "media_read_only": "The media folder can't be written to",
    "source_missing": "The stored file is gone",
    "reader_missing": "The CAD reader is not installed",
    "lost": "The worker died",
}
UNNAMED = "The conversion failed"


@dataclass(frozen=True)
class Problem:
    """A failure in parts. *words* are the reader's own, with the line where it named one; "" when it said nothing."""

    code: str
    headline: str
    message: str
    words: str
    step: str


def describe(code: str, text: str, step: str = "") -> Problem:
    """Return the error *text* of a CAD file taken apart; *step* is the code's next step, said once."""
    told = text.strip()
    if step:
        told = told.removesuffix(step).rstrip()
    message, _, words = told.partition(READER_SAID)
    return Problem(code, HEADLINES.get(code, UNNAMED), message.strip(), words.strip(), step)
