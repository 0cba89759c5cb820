"""Statements of a STEP file, found in its text however they are spelled: white space, comments, short keywords.

The reader knows a short form of every keyword ("NAUO"), and accepts comments between any two tokens, which
`without_comments` takes out first. The time grows with the length of the file and no faster, whatever is in it.
Standard library only.
"""

from __future__ import annotations

import mmap
import re
from collections import defaultdict
from collections.abc import Callable, Iterator

COMMENT = rb"/\*(?:[^*]++|\*(?!/))*+(?:\*/|\Z)"
"""One that is never closed reaches to the end of the file, as it does for the reader."""

STRING = rb"'(?:[^']++|'')*+(?:'|\Z)"
GAP = rb"(?:\s++|" + COMMENT + rb")*+"
NUMBER = rb"#\s*+(\d{1,18})(?!\d)"
"""The number of a statement. A longer one refers to nothing."""

USAGES = (b"NEXT_ASSEMBLY_USAGE_OCCURRENCE", b"NAUO")
MAPPED_ITEMS = (b"MAPPED_ITEM", b"MPPITM")
NAMES_OF_FILES = (
    *(b"DOCUMENT_FILE", b"DCMFL", b"EXTERNAL_SOURCE", b"EXTSRC"),
    *(b"APPLIED_EXTERNAL_IDENTIFICATION_ASSIGNMENT", b"AEIA"),
)
"""The reader takes the name of a file to open from any of these, whichever is not empty."""

# Each pattern runs over text without comments, and gives nothing back that it took: what it fails on is not read again.
_STATEMENT = NUMBER + rb"\s*+=\s*+"
_ARGUMENTS = rb"\s*+\(((?:[^';]++|" + STRING + rb")*+)"
_TEXT = rb"(?:" + STRING + rb"|\$|\*)\s*+,\s*+"
_PLAIN_USAGE = re.compile(
    rb"NEXT_ASSEMBLY_USAGE_OCCURRENCE\s*+\(\s*+" + _TEXT * 3 + NUMBER + rb"\s*+,\s*+" + NUMBER
)
_COMMENT_OR_STRING = re.compile(COMMENT + rb"|" + STRING)
_TOKEN = re.compile(STRING + rb"|[(),]|[^'(),]++")
_REFERENCE = re.compile(rb"\s*+" + NUMBER + rb"\s*+")
_FIRST_REFERENCE = rb"\s*+\([^#;]*+" + NUMBER
_MAP = re.compile(_STATEMENT + rb"(?:SHAPE_)?REPRESENTATION_MAP\s*+\([^#;]*+#\s*+\d++[^#;]*+" + NUMBER)
_REPRESENTATION = re.compile(
    _STATEMENT + rb"\w{0,100}REPRESENTATION\s*+\(\s*+" + STRING + rb"\s*+,\s*+\(([^;()]*+)\)"
)
_MEMBER = re.compile(NUMBER)
# What begins with letters is found at their speed; a border before them takes ten times as long.
_ENDSEC = rb"ENDSEC(?<!\wENDSEC)\s*+;"
_END = b"END-ISO-10303-21"
_INVISIBLE = re.compile(rb"=\s*+(?:INVISIBILITY|INVSBL)\s*+\(\s*+\(([^()]*+)\)")
_LAYER = re.compile(
    NUMBER + rb"\s*+=\s*+(?:PRESENTATION_LAYER_ASSIGNMENT|PRLYAS)\s*+\(\s*+(?:" + STRING + rb"|\$)\s*+,\s*+(?:"
    + STRING + rb"|\$)\s*+,\s*+\(([^()]*+)\)"
)  # fmt: skip
_STYLED = re.compile(NUMBER + rb"\s*+=\s*+(?:OVER_RIDING_)?STYLED_ITEM\b")
_DEFINED = re.compile(NUMBER + rb"\s*+=")
_DATA_OF = re.compile(rb"DATA(?<!\wDATA)\s*+\(")
_SECTION = re.compile(
    COMMENT
    + rb"|"
    + STRING
    + rb"|(?<![\w-])(?:(ENDSEC|END-ISO-10303-21)(?!\w)(?:\s*+;)?"
    + rb"|(ANCHOR|REFERENCE|SIGNATURE|DATA)(?:\s*+\((?:[^;']{1,200}+|"
    + STRING
    + rb"){0,50}+)?\s*+;)"
)
_REFERENCES = re.compile(rb"(?<![\w-])REFERENCE\s*+;((?:(?!ENDSEC)[^;]*+;)*+)")
_ADDRESS = re.compile(rb"=\s*+<([^<>\r\n]{1,1000}+)>")


def without_comments(content: bytes | mmap.mmap) -> bytes | mmap.mmap:
    """Return the content with a blank for each comment; itself, where it has none."""
    if content.find(b"/*") < 0:
        return content
    # A slash and a star in a string are no comment.
    return _COMMENT_OR_STRING.sub(lambda found: b" " if found[0][:1] == b"/" else found[0], content)


def is_divided(content: bytes | mmap.mmap) -> bool:
    """Return whether there may be other sections than one HEADER and one DATA without arguments, each with its end."""
    end = content.rfind(_END)
    is_ended = content[end : end + len(_END) + 1] == _END + b";"
    return count(content, _ENDSEC) != 2 or not is_ended or _DATA_OF.search(content) is not None


def in_one_section(content: bytes) -> Iterator[bytes]:
    """Yield the content with one DATA section for all that it has, which are all that the reader understands.

    The sections of edition 3 (ISO 10303-21:2016) that hold no geometry are left out: ANCHOR, REFERENCE, SIGNATURE.
    """
    kept, begun, headed, done = True, False, False, 0
    for found in _SECTION.finditer(content):
        word = found[1] or found[2]
        if word is None:
            continue
        if kept:
            yield content[done : found.start()]
        done = found.end()
        if word == b"ENDSEC":
            # That of the HEADER ends it; the one DATA section ends with the file.
            if kept and not begun:
                yield b"ENDSEC;\n"
            kept = headed = True
        elif word == b"DATA":
            if not begun:
                yield b"DATA;\n" if headed else b"ENDSEC;\nDATA;\n"
            kept = begun = True
        elif word == b"END-ISO-10303-21":
            yield b"ENDSEC;\n" if begun else b""
            yield b"END-ISO-10303-21;\n"
            return
        else:
            kept = False
    if kept:
        yield content[done:]


def hidden_styles(content: bytes | mmap.mmap) -> list[bytes]:
    """Return the styled items (numbers) on layers that are off: the reader looks on layers for shapes alone."""
    if content.find(b"INVISIBILITY") < 0 and content.find(b"INVSBL") < 0:
        return []
    hidden = {number for items in _INVISIBLE.findall(content) for number in _MEMBER.findall(items)}
    layers = [items for number, items in _LAYER.findall(content) if number in hidden]
    on_layers = {number for items in layers for number in _MEMBER.findall(items)} - hidden
    return [number for number in _STYLED.findall(content) if number in on_layers] if on_layers else []


def with_hidden_styles(content: bytes) -> Iterator[bytes]:
    """Yield a content of one DATA section in which the styled items on layers that are off are so themselves."""
    bare = without_comments(content)
    number = max(map(int, _DEFINED.findall(bare))) + 1
    end = content.rindex(b"ENDSEC")
    items = b",".join(b"#" + item for item in hidden_styles(bare))
    yield content[:end]
    yield b"#%d=INVISIBILITY((%b));\n" % (number, items)
    yield content[end:]


def references(content: bytes | mmap.mmap) -> list[bytes]:
    """Return the addresses in other files that the REFERENCE section of a file (edition 3) names."""
    section = _REFERENCES.search(content) if content.find(b"REFERENCE") >= 0 else None
    addresses = _ADDRESS.findall(section[1]) if section else []
    return [address for address in addresses if not address.startswith(b"#")]


def usages(content: bytes | mmap.mmap) -> list[tuple[int, int]]:
    """Return parent and child (numbers of their statements) of all usages in assemblies."""
    plain = [(int(parent), int(child)) for parent, child in _PLAIN_USAGE.findall(content)]
    if len(plain) == sum(count(content, keyword + rb"\s*+\(") for keyword in USAGES):
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
            found = re.findall(_STATEMENT + keyword + _FIRST_REFERENCE, content)
            items.update((int(item), int(source)) for item, source in found)
    if not items:
        return []
    shown = {int(number): int(representation) for number, representation in _MAP.findall(content)}
    links = []
    for number, members in _REPRESENTATION.findall(content):
        for member in _MEMBER.findall(members):
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


def with_names_of_files(content: bytes, changed: Callable[[bytes], bytes]) -> Iterator[bytes]:
    """Yield a content in which each string that is the name of another file is what ``changed`` makes of it."""
    names = set(names_of_files(without_comments(content)))
    done = 0
    for found in _COMMENT_OR_STRING.finditer(content):
        name = found[0][1:-1]
        if name in names and found[0].startswith(b"'"):
            yield content[done : found.start() + 1]
            yield changed(name)
            done = found.end() - 1
    yield content[done:]


def statements(content: bytes | mmap.mmap, keyword: bytes) -> Iterator[list[bytes]]:
    """Yield the arguments of each statement of a keyword, in content without comments."""
    if content.find(keyword) < 0:
        return
    # What stands in a string is no statement.
    for found in re.finditer(STRING + rb"|(?<![A-Za-z0-9_])" + keyword + _ARGUMENTS, content):
        if found[1] is not None:
            yield arguments(found[1])


def arguments(text: bytes) -> list[bytes]:
    """Return the arguments in a text up to the parenthesis that closes them; lists stay whole."""
    parts: defaultdict[int, list[bytes]] = defaultdict(list)
    depth = number = 0
    for found in _TOKEN.finditer(text):
        token = found[0]
        depth += (token == b"(") - (token == b")")
        if depth < 0:
            break
        if token == b"," and depth == 0:
            number += 1
            continue
        parts[number].append(token)
    return [b"".join(parts[position]).strip() for position in range(number + 1)]


def count(content: bytes | mmap.mmap, pattern: bytes) -> int:
    """Return how often a pattern occurs."""
    return sum(1 for _ in re.finditer(pattern, content))
