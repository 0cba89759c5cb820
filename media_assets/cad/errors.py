"""Why a CAD file could not be turned into geometry: a code for programs, a sentence for people."""

from __future__ import annotations

import enum

READER_SAID = " The reader said: "
"""Stands between what an error says to people and the reader's own words."""


class CadErrorCode(enum.StrEnum):
    """Every way in which reading CAD can end without geometry."""

    EMPTY = "empty"
    NOT_CAD = "not_cad"
    TRUNCATED = "truncated"
    TOO_LARGE = "too_large"
    EXTERNAL_REFERENCE = "external_reference"
    TOO_MANY_INSTANCES = "too_many_instances"
    CYCLIC_ASSEMBLY = "cyclic_assembly"
    NOTHING_TO_SHOW = "nothing_to_show"
    NO_USABLE_GEOMETRY = "no_usable_geometry"
    UNREADABLE = "unreadable"
    UNIT_UNKNOWN = "unit_unknown"
    DAMAGED = "damaged"
    READER_FAILED = "reader_failed"
    HUNG = "hung"
    OUT_OF_MEMORY = "out_of_memory"
    DISK_FULL = "disk_full"
    READER_MISSING = "reader_missing"
    CANCELED = "canceled"


class CadError(Exception):
    """What happened, why, and what to do next, in one message.

    ``details`` holds the reader's own words (with the line, where it names one); empty when it said nothing.
    """

    def __init__(self, code: str, message: str, details: str = "") -> None:
        super().__init__(message)
        self.code = CadErrorCode(code)
        self.message = message
        self.details = details

    def __str__(self) -> str:
        return f"{self.message}{READER_SAID}{self.details}" if self.details else self.message
