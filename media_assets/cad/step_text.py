"""Statements of a STEP file, found in its text however they are spelled: white space, comments, short keywords.

The reader knows a short form of every keyword ("NAUO"), and accepts comments between any two tokens. Standard library
only.
"""

from __future__ import annotations

import mmap
import re
from collections import defaultdict
from collections.abc import Iterator

GAP = rb"(?:\s|/\*.*?\*/)*+"
STRING = rb"'(?:[^']|'')*+'"

USAGES = (b"NEXT_ASSEMBLY_USAGE_OCCURRENCE", b"NAUO")
MAPPED_ITEMS = (b"MAPPED_ITEM", b"MPPITM")
NAMES_OF_FILES = (
    *(b"DOCUMENT_FILE", b"DCMFL", b"EXTERNAL_SOURCE", b"EXTSRC"),
    *(b"APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT", b"AEIA"),
)
"""The reader takes the name of a file to open from any of these, whichever is not empty."""

_ARGUMENTS = GAP + rb"\(((?:" + STRING + rb"|/\*.*?\*/|[^'/;]++|/)*+);"
_NUMBER = rb"#\s*(\d+)" + GAP + rb"=" + GAP
_PLAIN_USAGE = re.compile(
    rb"NEXT_ASSEMBLY_USAGE_OCCURRENCE\s*\(\s*"
    + (rb"(?:" + STRING + rb"|\$|\*)\s*,\s*") * 3
    + rb"#\s*(\d+)\s*,\s*#\s*(\d+)"
)
_TOKEN = re.compile(STRING + rb"|/\*.*?\*/|[(),]|[^'/(),]+|/", re.DOTALL)
_REFERENCE = re.compile(rb"\s*#\s*(\d+)\s*")
_MAP = re.compile(
    _NUMBER + rb"(?:SHAPE_)?REPRESENTATION_MAP" + GAP + rb"\([^#;]*#\s*\d+[^#;]*#\s*(\d+)", re.DOTALL
)
_REPRESENTATION = re.compile(
    _NUMBER + rb"\w*REPRESENTATION" + GAP + rb"\(" + GAP + STRING + GAP + rb"," + GAP + rb"\(([^;()]*)\)",
    re.DOTALL,
)


def usages(content: bytes | mmap.mmap) -> list[tuple[int, int]]:
    """Return parent and child (numbers of their statements) of all usages in assemblies."""
    plain = [(int(parent), int(child)) for parent, child in _PLAIN_USAGE.findall(content)]
    if len(plain) == sum(count(content, keyword) for keyword in USAGES):
        return plain
    links = []
    for keyword in USAGES:
        for arguments in statements(content, keyword):
            ends = [_REFERENCE.fullmatch(one) for one in arguments[3:5]]
            if len(ends) == 2 and ends[0] and ends[1]:
                links.append((int(ends[0][1]), int(ends[1][1])))
    return links


def mapped_representations(content: bytes | mmap.mmap) -> list[tuple[int, int]]:
    """Return which representation (number of its statement) shows which other one, once for each mapped item in it."""
    items: dict[int, int] = {}
    for keyword in MAPPED_ITEMS:
        if content.find(keyword) >= 0:
            found = re.compile(_NUMBER + keyword + GAP + rb"\([^#;]*#\s*(\d+)", re.DOTALL).findall(content)
            items.update((int(item), int(source)) for item, source in found)
    if not items:
        return []
    shown = {int(number): int(representation) for number, representation in _MAP.findall(content)}
    links = []
    for number, members in _REPRESENTATION.findall(content):
        for member in re.findall(rb"#\s*(\d+)", members):
            target = shown.get(items.get(int(member), -1))
            if target is not None:
                links.append((int(number), target))
    return links


def names_of_files(content: bytes | mmap.mmap) -> list[bytes]:
    """Return the strings (without quotes) by which a file names other files, each once."""
    if all(content.find(keyword) < 0 for keyword in NAMES_OF_FILES[:2]):
        return []
    names: dict[bytes, None] = {}
    for keyword in NAMES_OF_FILES:
        for arguments in statements(content, keyword):
            name = re.search(STRING, arguments[0])
            if name and name[0][1:-1].strip():
                names[name[0][1:-1]] = None
    return list(names)


def statements(content: bytes | mmap.mmap, keyword: bytes) -> Iterator[list[bytes]]:
    """Yield the arguments of each statement of a keyword, comments removed."""
    # The keyword must be the pattern's literal start: only then is the search as fast as finding a word.
    for found in re.compile(keyword + _ARGUMENTS, re.DOTALL).finditer(content):
        before = content[max(found.start() - 1, 0) : found.start()]
        if not (before.isalnum() or before == b"_"):
            yield arguments(found[1])


def arguments(text: bytes) -> list[bytes]:
    """Return the arguments in a text up to the parenthesis that closes them, comments removed; lists stay whole."""
    parts: defaultdict[int, list[bytes]] = defaultdict(list)
    depth = number = 0
    for found in _TOKEN.finditer(text):
        token = found[0]
        if token.startswith(b"/*"):
            continue
        depth += (token == b"(") - (token == b")")
        if depth < 0:
            break
        if token == b"," and depth == 0:
            number += 1
            continue
        parts[number].append(token)
    return [b"".join(parts[position]).strip() for position in range(number + 1)]


def count(content: bytes | mmap.mmap, word: bytes) -> int:
    """Return how often a word occurs."""
    return sum(1 for _ in re.finditer(re.escape(word), content))
