"""What a CAD file is, found in its bytes before any reader opens it: milliseconds, standard library only.

OpenCASCADE reports success for files in which it found nothing, crashes on some and opens every absolute path
that a file names; what can be known from the text is therefore checked first.
"""

from __future__ import annotations

import contextlib
import mmap
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from media_assets.cad.assembly_graph import AssemblyGraph
from media_assets.cad.code_pages import COMMENT_OR_STRING, Encoding, How, choose, is_wrapped, joined, text_of
from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError
from media_assets.cad.step_text import (
    GAP,
    STRING,
    hidden_styles,
    is_divided,
    mapped_representations,
    names_of_files,
    references,
    usages,
    without_comments,
)
from media_assets.cad.unpack import beside, file_name, plain_file
from media_assets.formats import cad

HEAD_BYTES = 65536
TAIL_BYTES = 4096
CHUNK = 1 << 20
BINARY_BREP = b"Open CASCADE Topology V"
STEP_END = b"END-ISO-10303-21"
NOTHING = b"; \t\r\n\x0b\x0c\x00\x1a"  # what may follow that: programs fill their last block
LONGEST_NAME = 200  # of another file, as the error shows it
LONGEST_STRING = 16000
"""OpenCASCADE's scanner gives up on longer ones ("input buffer overflow", measured between 16 and 32 kB)."""

# No pattern takes longer than the file is long: what one has taken it gives not back, and where it fails it has not
# looked further than the next one starts.
_FIELD = rb"(?:" + STRING + rb"|\$|\*)"
_BEFORE_MAGIC = re.compile(GAP)
_ENTITY = re.compile(rb"=\s*+[A-Z(!]")
_FACE = re.compile(rb"=\s*+(?:ADVANCED_FACE|FACE_SURFACE)\b")
_TESSELLATED_FACE = re.compile(rb"=\s*+(?:TRIANGULATED_FACE|COMPLEX_TRIANGULATED_FACE)\b")
_PRODUCT = re.compile(rb"=\s*+PRODUCT\s*+\(")
_MAYBE_LONG_STRINGS = tuple(
    # Each alone is found at the speed of its first letters; together they take ten times as long.
    re.compile(pattern)
    for pattern in (rb"'[^']{%d}" % (LONGEST_STRING - 2), rb"''(?!\s*+[',)])", rb"''''")
)
_POINT = re.compile(rb"CARTESIAN_POINT\s*+\(\s*+" + STRING + rb"\s*+,\s*+\(([^()]*+)\)")
_STRING_BEYOND_ASCII = re.compile(rb"'[^'\x80-\xff]*+[\x80-\xff][^']*+'")
_SCHEMA = re.compile(rb"FILE_SCHEMA\s*+\(\s*+\(\s*+'((?:[^']++|'')*+)'")
_LIST = rb"\([^()]*+\)"
_HEADER_NAME = re.compile(
    rb"FILE_NAME\s*+\(\s*+"
    + rb"\s*+,\s*+".join([_FIELD, _FIELD, _LIST, _LIST, rb"(" + _FIELD + rb")", rb"(" + _FIELD + rb")"])
)
_UNIT_WORD = re.compile(rb"LENGTH_UNIT\b")  # found at the speed of its first letters
_UNIT_REACH = 400
"""How far from that word its statement begins and ends."""

_NAMED_UNIT = re.compile(rb"CONVERSION_BASED_UNIT\s*+\(\s*+'([^']*+)'")
_SI_UNIT = re.compile(rb"SI_UNIT\s*+\(\s*+(?:\.(\w++)\.|\$)\s*+,\s*+\.METRE\.\s*+\)")
_UNIT_START = re.compile(rb"=\s*+\(")
_UNIT_END = re.compile(rb"\)\s*+;")
_BREP_END = re.compile(rb"\*\s++[+-]\d++\s++\d++[\s\d]*+\Z")
_IGES_START = re.compile(rb"^[^\r\n]{72}S\s*0*1\s*$", re.MULTILINE)
_IGES_END = re.compile(rb"T\s*\d+\s*\Z")
_IGES_GLOBAL = re.compile(rb"^([^\r\n]{72})G", re.MULTILINE)
_IGES_TEXT = re.compile(rb"\s*+(\d{1,4})H")
_APPLICATION_PROTOCOLS = (
    ("AP242", "AP242"),
    ("AUTOMOTIVE_DESIGN", "AP214"),
    ("CONFIG_CONTROL_DESIGN", "AP203"),
    ("AP203", "AP203"),
    ("AP209", "AP209"),
    ("STRUCTURAL_ANALYSIS_DESIGN", "AP209"),
    ("IFC", "IFC"),
)


@dataclass(frozen=True)
class Prescan:
    """What the bytes of a CAD file say about it.

    ``format`` is the name of a CAD format; ``protocol`` AP203, AP214, AP242... or empty; ``unit`` the length
    unit's name as the file writes it, in lower case; ``instances`` placed parts over the assembly graph (0: no
    assembly); ``crowd`` the most usages of one part, or in one assembly; ``faces`` described, exact ones or else
    triangles; ``code_page`` that of the file's names, how it is known and whether that is certain; ``wrapped`` says
    that lines end within letters of names, ``divided`` that STEP has sections beside one HEADER and one plain DATA,
    ``hides_styles`` that styled items are on layers that are switched off, ``after_end`` how many bytes follow its
    end, and ``refers_to`` which files of the same archive it is made of, one a line.
    """

    format: str
    bytes: int
    schema: str = ""
    protocol: str = ""
    unit: str = ""
    originating_system: str = ""
    preprocessor: str = ""
    entities: int = 0
    faces: int = 0
    products: int = 0
    instances: int = 0
    crowd: int = 0
    code_page: str = "utf-8"
    code_page_how: How = "utf-8"
    code_page_sure: bool = True
    wrapped: bool = False
    divided: bool = False
    hides_styles: bool = False
    after_end: int = 0
    refers_to: str = ""

    @property
    def files(self) -> list[str]:
        """Return the names of the files that it refers to, as `unpack.beside` has them."""
        return self.refers_to.splitlines()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Bytes:
    """The bytes of one plain file: all, the first of them, and those from their mark on."""

    content: mmap.mmap
    head: bytes
    text: bytes
    limits: Limits
    code_page: str
    companions: Mapping[str, Path]


def prescan(path: Path, limits: Limits | None = None, code_page: str = "") -> Prescan:
    """Return what a file is, or raise CadError when no reader needs to try.

    ``code_page`` is the operator's word about the file's names; empty: it is detected. Codes: empty, not_cad,
    truncated, too_large, external_reference, too_many_instances, cyclic_assembly, nothing_to_show, unreadable.
    Compressed files are unpacked into a temporary folder for it.
    """
    limits = limits or Limits()
    if path.stat().st_size == 0:
        raise CadError("empty", "no_bytes")
    with tempfile.TemporaryDirectory(prefix="prescan-") as folder:
        plain = plain_file(path, Path(folder), limits.source_mb * 1_000_000)
        return scan_plain(plain, limits, code_page, beside(plain, Path(folder)))


def scan_plain(path: Path, limits: Limits, code_page: str, companions: Mapping[str, Path]) -> Prescan:
    """Return what an unpacked file is; ``companions`` (``unpack.beside``) are looked at as far as it refers to them."""
    scan = _scan_one(path, limits, code_page, companions)
    refers = {path.name.lower(): set(scan.files)}
    waiting = scan.files
    while waiting:
        name = waiting.pop()
        if name not in refers:
            below = _scan_one(companions[name], limits, code_page, companions)
            if below.format != "step":
                raise CadError("external_reference", "files", names=name[:LONGEST_NAME])
            refers[name] = set(below.files)
            waiting += below.files
    try:
        TopologicalSorter(refers).prepare()
    except CycleError as error:
        raise CadError("cyclic_assembly", "files", name=path.name[:LONGEST_NAME]) from error
    return scan


def _scan_one(path: Path, limits: Limits, code_page: str, companions: Mapping[str, Path]) -> Prescan:
    if path.stat().st_size == 0:
        raise CadError("empty", "packed")
    with path.open("rb") as stream:
        content = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
    try:
        return _scan(content, limits, code_page, companions)
    finally:
        # A search that a signal interrupted still holds the bytes; they go with it, and the signal goes on.
        with contextlib.suppress(BufferError):
            content.close()


def _scan(content: mmap.mmap, limits: Limits, code_page: str, companions: Mapping[str, Path]) -> Prescan:
    head = content[:HEAD_BYTES]
    start = _BEFORE_MAGIC.match(head)
    text = head[start.end() :] if start else head
    if not text:
        raise CadError("empty", "blank")
    told = Bytes(content, head, text, limits, code_page, companions)
    for row in cad.CAD_FORMATS.values():
        found: Prescan | None = cad.function(row.scan)(told)
        if found:
            return found
    raise CadError("not_cad", _looks_like(head), exact=", ".join(cad.exact()), meshes=", ".join(cad.meshes()))


def scan_iges(told: Bytes) -> Prescan | None:
    """Recognize IGES: the start section's letter and number end its first line."""
    if not _IGES_START.search(told.head[:200]):
        return None
    if not _IGES_END.search(told.content[-TAIL_BYTES:].rstrip(NOTHING)):
        raise CadError("truncated", "iges")
    texts = [one.decode("ascii", "replace").strip() for one in _iges_texts(told.head)]
    system, preprocessor = texts[4:6] if len(texts) >= 6 else ("", "")
    return Prescan("iges", len(told.content), originating_system=system, preprocessor=preprocessor)


def _iges_texts(head: bytes) -> list[bytes]:
    """Return the first six parameters of the global section: the delimiters, names, and the systems that wrote it."""
    section = b"".join(_IGES_GLOBAL.findall(head))
    found: list[bytes] = []
    at, delimiter = 0, b","
    while len(found) < 6 and at < len(section):
        text = _IGES_TEXT.match(section, at)
        end = text.end() + int(text[1]) if text else at
        found.append(section[text.end() : end] if text else b"")
        if len(found) == 1 and found[0]:
            delimiter = found[0][:1]
        at = section.find(delimiter, end) + 1 or len(section)
    return found


def scan_brep(told: Bytes) -> Prescan | None:
    """Recognize BREP, and look at its end: of one that is cut off the reader makes endless shapes."""
    if not told.text.startswith((b"DBRep_DrawableShape", b"CASCADE Topology V", BINARY_BREP)):
        return None
    content = told.content
    is_binary = told.text.startswith(BINARY_BREP)
    whole = content[-10:-9] == b"*" if is_binary else _BREP_END.search(content[-TAIL_BYTES:])
    if not whole:
        raise CadError("truncated", "brep")
    return Prescan("brep", len(content), unit="millimetre")


def _refuse_decimal_commas(content: mmap.mmap) -> None:
    """Raise CadError where the first point has more than three numbers: the reader would take its digits apart."""
    point = _POINT.search(content)
    if point and point[1].count(b",") > 2:
        line = content[: point.start()].count(b"\n") + 1
        raise CadError("unreadable", "decimal_commas", line=line)


def scan_step(told: Bytes) -> Prescan | None:
    """Recognize STEP, and count what is in it."""
    if not told.text.startswith(b"ISO-10303-21"):
        return None
    content, head, limits = told.content, told.head, told.limits
    end = content.rfind(STEP_END)
    if end < 0:
        raise CadError("truncated", "step")
    is_ascii = _is_ascii(content)
    page = choose(() if is_ascii else _strings_beyond_ascii(content), told.code_page)
    found = _SCHEMA.search(head)
    schema = text_of(found[1], page.used) if found else ""
    protocol = next((name for mark, name in _APPLICATION_PROTOCOLS if mark in schema.upper()), "")
    entities = sum(1 for _ in _ENTITY.finditer(content))
    if entities == 0 or protocol == "IFC":
        raise CadError("nothing_to_show", "ifc" if protocol == "IFC" else "no_data")
    bare = without_comments(content)
    named = [text_of(name, page.used) for name in names_of_files(bare)]
    outside = [name for name in named if file_name(name) not in told.companions]
    refuse_external_references([*outside, *(text_of(name, page.used) for name in references(bare))])
    _refuse_long_strings(content)
    _refuse_decimal_commas(content)
    graph = AssemblyGraph(usages(bare))
    instances = graph.placed_parts()
    placed = max(instances, AssemblyGraph(mapped_representations(bare)).placed_parts())
    if placed > limits.max_instances:
        raise CadError("too_many_instances", "counted", placed=placed, limit=limits.max_instances)
    made_by = _HEADER_NAME.search(without_comments(head))
    return Prescan(
        format="step",
        bytes=len(content),
        schema=schema,
        protocol=protocol,
        unit=_length_unit(content, page),
        originating_system=text_of(made_by[2].strip(b"$*'"), page.used) if made_by else "",
        preprocessor=text_of(made_by[1].strip(b"$*'"), page.used) if made_by else "",
        entities=entities,
        faces=_count(_FACE, content) or _count(_TESSELLATED_FACE, content),
        products=sum(1 for _ in _PRODUCT.finditer(content)),
        instances=instances,
        crowd=graph.crowd,
        code_page=page.used,
        code_page_how=page.how,
        code_page_sure=page.sure,
        wrapped=is_wrapped(content, is_ascii=is_ascii),
        divided=is_divided(content),
        hides_styles=bool(hidden_styles(bare)),
        after_end=len(content[end + len(STEP_END) :].strip(NOTHING)),
        refers_to="\n".join(dict.fromkeys(map(file_name, named))),
    )


def _count(pattern: re.Pattern[bytes], content: mmap.mmap) -> int:
    return sum(1 for _ in pattern.finditer(content))


def _is_ascii(content: mmap.mmap) -> bool:
    """Return whether there are no bytes beyond ASCII, as in nearly all files."""
    return all(content[start : start + CHUNK].isascii() for start in range(0, len(content), CHUNK))


def _strings_beyond_ascii(content: mmap.mmap) -> Iterator[bytes]:
    """Yield the strings, in their quotes, that have bytes beyond ASCII."""
    return (joined(found[0]) for found in _STRING_BEYOND_ASCII.finditer(content))


def refuse_external_references(names: list[str]) -> None:
    """Raise CadError when there are names of other files: the reader would open any path of this machine."""
    if names:
        shown, more = ", ".join(name[:LONGEST_NAME] for name in names[:3]), len(names) - 3
        if more > 0:
            raise CadError("external_reference", "many_files", names=shown, more=more)
        raise CadError("external_reference", "files", names=shown)


def _refuse_long_strings(content: mmap.mmap) -> None:
    if not any(pattern.search(content) for pattern in _MAYBE_LONG_STRINGS):
        return
    for found in COMMENT_OR_STRING.finditer(content):
        if found.end() - found.start() <= LONGEST_STRING or found[0].startswith(b"/"):
            continue
        line = content[: found.start()].count(b"\n") + 1
        raise CadError("unreadable", "long_text", line=line, limit=LONGEST_STRING)


def _length_unit(content: mmap.mmap, page: Encoding) -> str:
    """Return the unit that lengths are written in: a conversion's own name (inch), or an SI name (millimeter)."""
    si_unit = ""
    for statement in _unit_statements(content):
        named = _NAMED_UNIT.search(statement)
        if named:
            return text_of(named[1], page.used).lower()
        si = _SI_UNIT.search(statement)
        if si and not si_unit:
            si_unit = f"{(si[1] or b'').decode().lower()}metre"
    return si_unit


def _unit_statements(content: mmap.mmap) -> Iterator[bytes]:
    """Yield the complex instances in which LENGTH_UNIT is one of the types, without their outer parentheses."""
    done = 0
    for word in _UNIT_WORD.finditer(content):
        before = content[max(done, word.start() - _UNIT_REACH) : word.start()]
        if word.start() < done or before[-1:].isalnum() or before[-1:] == b"_":
            continue
        starts = list(_UNIT_START.finditer(before, before.rfind(b";") + 1))
        ends = _UNIT_END.search(content, word.end(), word.end() + _UNIT_REACH)
        if starts and ends and b";" not in content[word.end() : ends.start()]:
            done = ends.end()
            yield before[starts[0].end() :] + content[word.start() : ends.start()]


def _looks_like(head: bytes) -> str:
    """Return what a file that is no CAD starts like, as a case of not_cad."""
    known = (
        (b"%PDF", "pdf"),
        (b"\x89PNG", "png"),
        (b"\xff\xd8\xff", "jpeg"),
        (b"Rar!", "rar"),
        (b"7z\xbc\xaf", "7z"),
        (b"\xff\xfe", "utf16"),
        (b"\xfe\xff", "utf16"),
        (b"I\0S\0O\0", "utf16"),
        (b"\0I\0S\0O", "utf16"),
        (b"AC10", "dwg"),
        (b"\xd0\xcf\x11\xe0", "native"),
    )
    for magic, name in known:
        if head.startswith(magic):
            return name
    marks = ((b"PARASOLID", "parasolid"), (b" ACIS ", "acis"), (b" ASM ", "acis"), (b" JT ", "jt"))
    for mark, name in marks:
        if mark in head[:400]:
            return name
    if head.startswith(b"ply") and b"element vertex" in head[:2000]:
        return "ply"
    if re.match(rb"\s*0\r?\n\s*SECTION\b", head):
        return "dxf"
    if b"<html" in head[:1000].lower():
        return "html"
    if head.lstrip().startswith(b"{") and b'"asset"' in head:
        return "gltf"
    return "binary" if b"\0" in head[:1000] else "text"
