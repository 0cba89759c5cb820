"""The code page of the names in a STEP file, detected from the bytes of its strings.

STEP knows escapes for everything beyond ASCII, but many programs write the bytes of their own system instead.
"""

from __future__ import annotations

import mmap
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import chardet

from media_assets.cad.step_text import COMMENT

How = Literal["utf-8", "detected", "declared by the operator"]

CODECS = {
    "utf-8": "utf-8",
    "cp1251": "cp1251",
    "gbk": "gb18030",
    "latin-1": "cp1252",
    "shift-jis": "cp932",
    "euc-kr": "cp949",
    "big5": "big5hkscs",
    "cp1250": "cp1250",
    "cp1253": "cp1253",
    "cp1254": "cp1254",
}
"""The code pages that an operator can declare, and what decodes them: the widest relative of each."""

DETECTED = {
    **{f"windows-{number}": f"cp{number}" for number in (1250, 1251, 1253, 1254)},
    **dict.fromkeys(("gb18030", "gb2312", "gbk"), "gbk"),
    **dict.fromkeys(("cp932", "shift_jis", "shift_jis_2004"), "shift-jis"),
    **dict.fromkeys(("cp949", "euc-kr", "johab"), "euc-kr"),
    **dict.fromkeys(("big5", "big5hkscs", "cp950"), "big5"),
    **dict.fromkeys(("windows-1252", "iso-8859-1", "iso-8859-15"), "latin-1"),
    "iso-8859-2": "cp1250",
    "iso-8859-7": "cp1253",
    "iso-8859-9": "cp1254",
}
"""Names of the detector's answers (lower case), and the code page that each means here."""

ENOUGH_BYTES = 200_000
"""Bytes of names that are looked at; the code page of the rest is the same."""

SURE_SCORE, SURE_LEAD = 0.75, 0.25
"""How well the best code page must explain the bytes, and by how much better than the next."""

ENOUGH_CHINESE, ENOUGH_WESTERN = 20, 4
"""Bytes beyond ASCII: of fewer, a relative of the page makes as good a name."""

COMMENT_OR_STRING = re.compile(COMMENT + rb"|'[^']*+(?:'[\r\n]*+'[^']*+)*+(?:'|\Z)")
"""A doubled quote may have the end of a line in it."""

_LINE_END = re.compile(rb"[\r\n]+")
_WRAPPED = tuple(
    # Each alone is found at the speed of its first letter.
    re.compile(pattern)
    for pattern in (rb"'[\r\n]++'", rb"\\[^'\\\r\n]*+[\r\n]", rb"[\x80-\xff][\r\n]++[\x80-\xff]")
)

EASTERN = {"gbk", "shift-jis", "euc-kr", "big5"}

_RUN = re.compile(rb"[\x80-\xff]+")
_ESCAPE = re.compile(
    r"\\X2\\(?P<two>(?:[0-9A-Fa-f]{4})+)\\X0\\"
    r"|\\X4\\(?P<four>(?:[0-9A-Fa-f]{8})+)\\X0\\"
    r"|\\X\\(?P<one>[0-9A-Fa-f]{2})"
    r"|\\S\\(?P<shifted>[\x20-\x7e])"
    r"|\\P(?P<page>[A-I])\\"
    r"|(?P<newline>\\N\\)"
    r"|(?P<backslash>\\\\)"
    r"|(?P<quote>'')"
)
_ASCII_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_WESTERN = frozenset(
    "ÄÖÜäöüßÀÁÂÃÅÆÇÈÉÊËÍÎÏÑÓÔÕØÚàáâãåæçèéêëìíîïñòóôõøùúûýœŒ°²³µ·×½¼¾±®©«»–—‘’“”„€™…§¿¡ªº".encode("cp1252")
)
_RUSSIAN, _GREEK = "аио".encode("cp1251"), "αιοτ".encode("cp1253")
_TURKISH = frozenset("ğışĞİŞ".encode("cp1254"))
_CYRILLIC_EXTRA = frozenset("ЁёЄєЇїІіҐґЎў".encode("cp1251"))
_CYRILLIC_SIGNS = frozenset("№«»–—°±µ·“”„…©®§".encode("cp1251"))


@dataclass(frozen=True)
class Encoding:
    """The code page of a file's names, a key of ``CODECS``: how it is known, and whether that is certain."""

    used: str = "utf-8"
    how: How = "utf-8"
    sure: bool = True


def choose(strings: Iterable[bytes], declared: str = "") -> Encoding:
    """Return the code page of a file from its strings with bytes beyond ASCII; the operator's choice goes first."""
    if declared:
        return Encoding(declared, "declared by the operator")
    texts: list[bytes] = []
    size = 0
    is_utf8 = True
    for text in strings:
        is_utf8 = is_utf8 and _is_utf8(text)
        if size < ENOUGH_BYTES:
            texts.append(text)
            size += len(text)
        elif not is_utf8:
            break
    return Encoding() if is_utf8 else detect(texts)


def detect(texts: Sequence[bytes]) -> Encoding:
    """Return which code page texts are written in that are not UTF-8.

    It is certain where the bytes make sense in one of CP1251, GBK and Latin-1 (in its CP1252 form) and in no other,
    the detector, which knows the letters of more languages, says the same, and there is enough that no other explains.
    """
    total = sum(len(run) for text in texts for run in _RUN.findall(text)) or 1
    scores = {page: sum(map(score, texts)) / total for page, score in _SCORES.items()}
    best, second = sorted(scores, key=lambda page: scores[page], reverse=True)[:2]
    clear = scores[best] >= SURE_SCORE and scores[best] - scores[second] >= SURE_LEAD
    same = all(decoded(text, best) == decoded(text, second) for text in texts) and not any(
        all("\ufffd" not in decoded(text, page) for text in texts) for page in EASTERN - {"shift-jis"}
    )
    other = "" if same else _asked(texts)
    if other in ("", best) or (not EASTERN & {best, other} and scores[best] >= SURE_SCORE):
        return Encoding(best, "detected", same or (clear and _is_certain(best, other, texts)))
    return Encoding(other, "detected", sure=False)


def _is_certain(page: str, detected: str, texts: Sequence[bytes]) -> bool:
    """Return whether the relatives of a page are out of the question, and not only less likely.

    Korean and traditional Chinese are sound GBK, Greek is sound CP1251, and the letters of Central Europe and of
    Turkish are other letters in CP1252: German alone is the same in all of them.
    """
    every = b" ".join(texts)
    high = [byte for byte in every if byte >= 0x80]
    if page == "gbk":
        return detected == page and len(high) >= ENOUGH_CHINESE
    if page == "cp1251":
        small = Counter(byte | 0x20 for byte in high if byte >= 0xC0)
        return detected == page and sum(small[one] for one in _RUSSIAN) > sum(small[one] for one in _GREEK)
    if sum(byte in _ASCII_LETTERS for byte in every) <= len(high):
        return False
    if all(decoded(text, page) == decoded(text, near) for text in texts for near in ("cp1250", "cp1254")):
        return True
    return detected == page and len(high) >= ENOUGH_WESTERN and _TURKISH.isdisjoint(high)


def _asked(texts: Sequence[bytes]) -> str:
    """Return the code page that the detector finds most likely, of those that are known here; empty for none."""
    distinct = dict.fromkeys(text.strip(b"'") for text in texts)
    answers = chardet.detect_all(b"\n".join(distinct)[:ENOUGH_BYTES], ignore_threshold=True)
    for answer in answers:
        page = DETECTED.get(str(answer["encoding"] or "").lower(), "")
        if page and not any("\ufffd" in decoded(text, page) for text in texts):
            return page
    return ""


def decoded(raw: bytes, page: str) -> str:
    """Return the text of a string's bytes, escapes as they are; bytes that the page has not become U+FFFD."""
    text = raw.decode(CODECS[page], "replace")
    # The five bytes that CP1252 lacks are control characters in Latin-1.
    return raw.decode("latin-1") if page == "latin-1" and "\ufffd" in text else text


def text_of(raw: bytes, page: str) -> str:
    """Return what people read in a string (the part between its quotes): decoded, escapes resolved, on one line."""
    latin = "iso8859-1"

    def resolved(found: re.Match[str]) -> str:
        nonlocal latin
        kind, value = found.lastgroup, found[found.lastgroup or 0]
        if kind == "two":
            return bytes.fromhex(value).decode("utf-16-be", "replace")
        if kind == "four":
            return bytes.fromhex(value).decode("utf-32-be", "replace")
        if kind == "one":
            return bytes.fromhex(value).decode("latin-1")
        if kind == "shifted":
            return bytes([ord(value) + 128]).decode(latin, "replace")
        if kind == "page":
            latin = f"iso8859-{ord(value) - ord('A') + 1}"
            return ""
        return {"newline": " ", "backslash": "\\", "quote": "'"}[kind or ""]

    return " ".join(_ESCAPE.sub(resolved, decoded(joined(raw), page)).split())


def joined(text: bytes) -> bytes:
    """Return a string without the ends of lines in it, which mean nothing (ISO 10303-21)."""
    return _LINE_END.sub(b"", text) if b"\n" in text or b"\r" in text else text


def is_wrapped(content: bytes | mmap.mmap, *, is_ascii: bool) -> bool:
    """Return whether a line ends within a letter, an escape or a doubled quote, which OpenCASCADE then cannot read.

    Its own writer ends a line after 72 bytes, wherever that is.
    """
    return any(pattern.search(content) for pattern in _WRAPPED[: 2 if is_ascii else 3])


def in_utf8(content: bytes, page: str) -> Iterator[bytes | memoryview]:
    """Yield the content of a file in pieces: its strings in UTF-8 and on one line, everything else as it is."""
    view, done = memoryview(content), 0
    for found in COMMENT_OR_STRING.finditer(content):
        text = found[0]
        one_line = joined(text)
        if text.startswith(b"/*") or (text.isascii() and one_line == text):
            continue
        yield view[done : found.start()]
        yield decoded(one_line, page).encode()
        done = found.end()
    yield view[done:]


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def _cyrillic(text: bytes) -> float:
    """Return how many of the bytes make sense in CP1251: words of one script, each in one case or capitalized."""
    score = 0.0
    for found in _RUN.finditer(text):
        run = found[0]
        letters = bytes(byte for byte in run if byte >= 0xC0 or byte in _CYRILLIC_EXTRA)
        signs = sum(byte in _CYRILLIC_SIGNS for byte in run)
        around = {text[found.start() - 1] if found.start() else 0, *text[found.end() : found.end() + 1]}
        if not letters:
            score += signs
            continue
        word = letters.decode("cp1251")
        in_one_case = word == word.lower() or word == word.upper() or word == word.capitalize()
        if around & _ASCII_LETTERS or not in_one_case:
            score += 0.1 * len(run)
        elif len(letters) == 1:
            score += 0.8 + signs
        else:
            score += len(letters) + signs
    return score


def _chinese(text: bytes) -> float:
    """Return how many of the bytes make sense in GBK: pairs, most of them of the 3755 common characters of GB 2312."""
    score, position = 0.0, 0
    while position < len(text):
        lead = text[position]
        if lead < 0x80:
            position += 1
            continue
        trail = text[position + 1] if position + 1 < len(text) else 0
        if not (0x81 <= lead <= 0xFE and 0x40 <= trail <= 0xFE and trail != 0x7F):
            score -= 1.0
            position += 1
            continue
        is_common = trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or 0xA1 <= lead <= 0xA9)
        if is_common:
            score += 2.0
        elif trail >= 0x80:
            score += 0.6
        position += 2
    return score


def _western(text: bytes) -> float:
    """Return how many of the bytes make sense in CP1252: single letters with accents and signs among ASCII."""
    score = 0.0
    for run in _RUN.findall(text):
        usual = sum(byte in _WESTERN for byte in run)
        score += usual * (1.0, 0.85, 0.1)[min(len(run), 3) - 1]
    return score


_SCORES: dict[str, Callable[[bytes], float]] = {
    "latin-1": _western,
    "cp1251": _cyrillic,
    "gbk": _chinese,
}
