"""The ways in which a file is damaged: functions of its bytes and of chance."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

BLOCK = 512

TOKEN = re.compile(rb"#\d+")
NUMBER = re.compile(rb"-?\d+\.\d*(?:E[-+]?\d+)?")
KEYWORD = re.compile(rb"[A-Z][A-Z_]{6,}")
HUGE = (b"1.E308", b"-1.E400", b"99999999999999999999.", b"1.E-300", b"NAN", b"-0.")


def _cut_lines(content: bytes, chance: random.Random, copies: int) -> bytes:
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    lines[at : at + 1] = [lines[at]] * copies
    return b"\n".join(lines)


def deleted_line(content: bytes, chance: random.Random) -> bytes:
    return _cut_lines(content, chance, 0)


def doubled_line(content: bytes, chance: random.Random) -> bytes:
    return _cut_lines(content, chance, 2)


def changed_character(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def changed_punctuation(content: bytes, chance: random.Random) -> bytes:
    return _replaced(
        content, chance, re.compile(rb"[(),;=#']"), lambda _: chance.choice(b"(),;=#'$*").to_bytes()
    )


def swapped_reference(content: bytes, chance: random.Random) -> bytes:
    tokens = TOKEN.findall(content) or [b"#1"]
    return _replaced(content, chance, TOKEN, lambda _: chance.choice(tokens))


def changed_keyword(content: bytes, chance: random.Random) -> bytes:
    words = KEYWORD.findall(content) or [b"NOTHING"]
    return _replaced(content, chance, KEYWORD, lambda _: chance.choice(words))


def huge_number(content: bytes, chance: random.Random) -> bytes:
    return _replaced(content, chance, NUMBER, lambda _: chance.choice(HUGE))


def zeroed_bytes(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + b"\0" * min(BLOCK, len(content) - at) + content[at + BLOCK :]


def cut_bytes(content: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.randrange(1, 2 * BLOCK) :]


def cut_end(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def nested_parentheses(content: bytes, chance: random.Random) -> bytes:
    depth = chance.choice((10, 1_000, 200_000))
    return _replaced(content, chance, NUMBER, lambda one: b"(" * depth + one + b")" * depth)


def long_text(content: bytes, chance: random.Random) -> bytes:
    length = chance.choice((1_000, 15_000, 40_000, 1_000_000))
    return _replaced(content, chance, re.compile(rb"'[^'\n]*'"), lambda _: b"'" + b"x" * length + b"'")


Mutation = Callable[[bytes, random.Random], bytes]
MUTATIONS: tuple[Mutation, ...] = (
    deleted_line,
    doubled_line,
    changed_character,
    changed_punctuation,
    swapped_reference,
    changed_keyword,
    huge_number,
    zeroed_bytes,
    cut_bytes,
    cut_end,
    nested_parentheses,
    long_text,
)


def _replaced(
    content: bytes, chance: random.Random, what: re.Pattern[bytes], by: Callable[[bytes], bytes]
) -> bytes:
    """Replace one of what is found, or a byte where nothing is."""
    found = list(what.finditer(content))
    if not found:
        return changed_character(content, chance)
    one = chance.choice(found)
    return content[: one.start()] + by(one[0]) + content[one.end() :]
