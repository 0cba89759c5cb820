"""Patterns for names, written by people, so no text may make matching slow. Standard library only.

Terms are separated by commas or line breaks, and one of them is enough. A term is found as whole words, whatever their
case; ``*`` stands for any characters (``*ring`` ends in ring, ``roller*`` begins so), ``?`` for one, ``#`` for a digit.
A blank, ``-``, ``_``, ``.`` or ``/`` stands for any such sign or none: ``o ring`` finds O-Ring, o_ring and ORing.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

LONGEST_TEXT = 1000
MOST_TERMS = 80
MOST_STARS = 3
LONGEST_NAME = 300
"""Characters of a name that are looked at; with the limits above, the time to match is bounded."""

_NAME_GAP = "\n" * 4
_HUMP = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
_SIGNS = re.compile(r"[\s_./-]+")
_EXPRESSION = re.compile(r"[\\|()\[\]{}^$]")
_NOT_AFTER = {"letter": r"(?<![^\W\d_])", "digit": r"(?<!\d)", "#": ""}
_NOT_BEFORE = {"letter": r"(?![^\W\d_])", "digit": r"(?!\d)", "#": ""}


def terms_of(text: str) -> list[str]:
    """The single terms of a text."""
    return [term for term in (part.strip() for part in re.split(r"[,\n]", text)) if term]


def words_problem(text: str) -> str:
    """What is wrong with a text of terms, with what to do; "" for nothing."""
    terms = terms_of(text)
    if len(text) > LONGEST_TEXT or len(terms) > MOST_TERMS:
        return f"At most {LONGEST_TEXT} characters and {MOST_TERMS} terms. Make two rules of it."
    for term in terms:
        if sign := _EXPRESSION.search(term):
            return (
                f"“{sign[0]}” in “{term}” looks like a regular expression. Write words separated by commas, "
                "with * for any characters, ? for one and # for a digit."
            )
        if not re.search(r"[^\W_]|#", term):
            return (
                f"“{term}” has no letter and no digit, so it would match everything or nothing. Leave it out."
            )
        if term.strip("*").count("*") > MOST_STARS:
            return f"“{term}” has more than {MOST_STARS} stars inside. Make several terms of it."
    return ""


def path_problem(pattern: str) -> str:
    """What is wrong with the pattern of a part key, with what to do; "" for nothing."""
    if len(pattern) > LONGEST_TEXT:
        return f"At most {LONGEST_TEXT} characters."
    if not pattern.startswith(("/", "*")):
        return "A part key begins with / (the product). Copy it from the product tree, or begin with *."
    if pattern.count("*") > 2 * MOST_STARS:
        return f"At most {2 * MOST_STARS} stars."
    return ""


def told(*names: str) -> str:
    """Names in the form in which terms are looked for; a term never reaches from one name into the next."""
    return _NAME_GAP.join(_plain(_HUMP.sub(" ", name[:LONGEST_NAME])) for name in dict.fromkeys(names))


@lru_cache(4096)
def words_in(text: str) -> re.Pattern[str]:
    """What finds any term of a text in what `told` gives."""
    found = [_term(_plain(term)) for term in terms_of(text)[:MOST_TERMS]]
    return re.compile("|".join(found) if found else r"(?!)")


@lru_cache(4096)
def path_like(pattern: str) -> re.Pattern[str]:
    """What matches the whole of a part key, whatever its case: * is any characters (slashes too), ? is one."""
    return re.compile(_starred(_plain(pattern).split("*"), _glob, ""), re.DOTALL)


def path_fits(pattern: str, key: str) -> bool:
    """Whether a part key is of this pattern."""
    return path_like(pattern).fullmatch(_plain(key)) is not None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _term(term: str) -> str:
    inner = term.strip("*")
    before = "" if term.startswith("*") else _NOT_AFTER[_kind(inner[0])]
    after = "" if term.endswith("*") else _NOT_BEFORE[_kind(inner[-1])]
    return before + _starred(inner.split("*"), _words, after)


def _starred(pieces: Sequence[str], translate: object, after: str) -> str:
    """Pieces with anything between them. All but the last are never tried at a second place: they need not be."""
    assert callable(translate)
    first, *rest = map(translate, pieces)
    middle = "".join(f"(?>.*?{piece})" for piece in rest[:-1])
    return f"{first}{middle}.*{rest[-1]}{after}" if rest else f"{first}{after}"


def _words(piece: str) -> str:
    return r"[\W_]{0,3}".join(_signs(part) for part in _SIGNS.split(piece))


def _signs(part: str) -> str:
    return "".join({"?": ".", "#": r"\d"}.get(sign) or re.escape(sign) for sign in part)


def _glob(piece: str) -> str:
    return "".join("." if sign == "?" else re.escape(sign) for sign in piece)


def _kind(sign: str) -> str:
    """What must not go on beyond an end of a term: letters or digits; a # is any number of digits there."""
    return "#" if sign == "#" else "digit" if sign.isdigit() else "letter"
