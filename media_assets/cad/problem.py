"""What an error is: a code with details, and a table of codes that puts them in words where they are shown.

Standard library only: the CAD reader's child makes errors too, and delivers them as code and details.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, Self

READER_SAID = " The reader said: "
"""Stands in a text for programs between what an error says and the reader's own words."""

CASE, WORDS, SAID = "case", "words", "said"
"""Details that every code may have: which of its messages; the reader's own words; a message from elsewhere."""


def gettext_noop(text: str) -> str:
    """Mark *text* for translation and return it: it is translated where it is shown."""
    return text


@dataclass(frozen=True)
class Wording:
    """One message of a code and its next step, as templates of the details. Its own title and step come first.

    *about*: a phrase that the message has as {about}.
    """

    message: str
    step: str = ""
    title: str = ""
    about: str = ""


@dataclass(frozen=True)
class ErrorKind:
    """One code: its title, the next step where a message has none of its own, and its messages by case."""

    title: str
    step: str
    cases: Mapping[str, Wording] = field(default_factory=dict)

    def also(self, **cases: Wording) -> ErrorKind:
        """Return the same code with more messages, which the app above knows."""
        return replace(self, cases={**self.cases, **cases})


@dataclass(frozen=True)
class Failure:
    """An error as it is kept: a code and the details that its message names."""

    code: str
    details: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, code: str, case: str = "", *, words: str = "", **details: Any) -> Failure:
        """Return the error with its details as every database takes them: words of a crash may hold any byte."""
        named = {**({CASE: case} if case else {}), **details, **({WORDS: words} if words else {})}
        return cls(code, {name: _plain(value) for name, value in named.items()})

    def to_json(self) -> dict[str, Any]:
        return {"code": self.code, "details": dict(self.details)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Failure:
        return cls(data["code"], data["details"])


@dataclass(frozen=True)
class Problem:
    """An error in words. *words* are the reader's own, with the line where it named one; "" when it said nothing.

    *step* is of this message, *general_step* of its code.
    """

    code: str
    title: str
    message: str
    step: str
    general_step: str
    words: str

    @property
    def next_step(self) -> str:
        """What to do, unless the message says it: texts of rows from before errors had details do."""
        step = self.step or self.general_step
        return "" if step in self.message else step

    @property
    def sentence(self) -> str:
        """What happened and what to do about just that."""
        return " ".join(filter(None, (self.message, self.step)))

    @property
    def report(self) -> str:
        """The sentence with the reader's words."""
        return f"{self.sentence}{READER_SAID}{self.words}" if self.words else self.sentence

    @property
    def text(self) -> str:
        """All of it in one text, with the next step of the code."""
        told = self.report
        return told if self.general_step in told else f"{told.rstrip()} {self.general_step}".strip()


_ELSEWHERE = Wording("{said}")
_UNKNOWN = ErrorKind(gettext_noop("It failed"), "")


def describe(
    kinds: Mapping[str, ErrorKind],
    failure: Failure,
    translate: Callable[[str], str] = str,
    numbered: Callable[[dict[str, Any]], dict[str, Any]] = dict,
) -> Problem:
    """Return *failure* in the words of the table *kinds*; without *translate* in English, for programs.

    *numbered*: writes numbers as the reader does.
    """
    kind = kinds.get(failure.code, _UNKNOWN)
    wording = kind.cases.get(failure.details.get(CASE, ""), _ELSEWHERE)
    named = numbered({SAID: "", **failure.details})

    def say(template: str) -> str:
        try:
            return translate(template).format_map(named) if template else ""
        except (LookupError, ValueError, TypeError):  # kept by another version, or translated badly
            return template

    named["about"] = say(wording.about)
    return Problem(
        failure.code,
        say(wording.title or kind.title),
        say(wording.message).strip(),
        say(wording.step),
        say(kind.step),
        str(failure.details.get(WORDS, "")).strip(),
    )


class CodedError(Exception):
    """What happened, as a code with details. In words it is English: pages describe its failure themselves."""

    kinds: ClassVar[Mapping[str, ErrorKind]] = {}

    def __init__(self, code: str, case: str = "", /, *, words: str = "", **details: Any) -> None:
        super().__init__(code, case)
        self.failure = Failure.of(code, case, words=words, **details)

    @classmethod
    def from_failure(cls, failure: Failure) -> Self:
        """Return the exception of an error that was made elsewhere."""
        error = cls(failure.code)
        error.failure = failure
        return error

    @property
    def code(self) -> str:
        return self.failure.code

    @property
    def message(self) -> str:
        """What happened and what to do about just that."""
        return describe(self.kinds, self.failure).sentence

    @property
    def words(self) -> str:
        """What the reader said, with the line where it named one; "" when it said nothing."""
        return str(self.failure.details.get(WORDS, ""))

    def __str__(self) -> str:
        return describe(self.kinds, self.failure).report


def _plain(value: Any) -> Any:
    if hasattr(value, "__index__"):
        return int(value)
    if hasattr(value, "__float__"):
        return float(value)
    return str(value).replace("\0", " ").encode("utf-8", "replace").decode()
