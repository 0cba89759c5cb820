"""What a child left in its folder, looked at from outside before anybody uses it. Standard library only."""

from __future__ import annotations

import json
import math
import os
import re
import stat
import struct
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NoReturn

from media_assets.cad.contract import (
    DOCUMENT_NAME,
    REPORT_NAME,
    USD_NAME,
    ConversionResult,
    Kept,
)
from media_assets.cad.drawing.arcs import Arc
from media_assets.cad.drawing.wanted import CRASHED, LAYERS, LINES_NAME, SLOW, VIEWS
from media_assets.cad.failures import spoke_nonsense
from media_assets.cad.glb_container import BadGlb, check_container

MOST_REPORT = 1 << 28  # bytes
LARGEST = 2**31 - 1  # what a column of the database holds
_USD_HEADER = struct.Struct("<8s8sq")
_UNSTORABLE = re.compile(rb"(?<!\\)(?:\\\\)*+\\u(?:0000|[dD][89a-fA-F])")
"""A zero byte or half a letter, escaped: no database takes them, and no sound reader writes them."""

_TYPES: Mapping[str, type | tuple[type, ...]] = {
    **dict.fromkeys(("format", "schema", "unit"), str),
    **dict.fromkeys(("parts", "instances", "triangles"), int),
    **dict.fromkeys(("tree", "seconds", "bytes", "document"), dict),
    **dict.fromkeys(("size_mm", "warnings"), list),
}


def taken(
    folder: Path, name: str, *, want_usd: bool, kept_why: str, crashed: bool = False
) -> ConversionResult:
    """Return the finished files and the report. Raises CadError damaged for what no sound reader writes.

    *name* is that of the geometry, or of the lines of a drawing; *crashed*: the child, before all lines were exact.
    """
    glb, usd, document = folder / name, folder / USD_NAME, folder / DOCUMENT_NAME
    try:
        report = _report(folder / REPORT_NAME)
        _refuse_links(glb)
        if name == LINES_NAME:
            report["drawing"] = _drawing(glb, crashed=crashed)
        else:
            check_container(glb)
        if want_usd:
            _check_usd(usd)
        learned = report.pop("learned", None)
        if learned is not None:
            _refuse_links(document)
        if kept_why:
            report["document"]["why"] = kept_why
    except (
        OSError,
        ValueError,
        RecursionError,
        KeyError,
        TypeError,
        AttributeError,
        struct.error,
        BadGlb,
    ) as error:
        raise spoke_nonsense() from error
    kept = Kept(str(document), learned) if learned else None
    return ConversionResult(glb, usd if want_usd else None, report, kept)


def _drawing(path: Path, *, crashed: bool) -> dict[str, Any]:
    """Return what the lines of a drawing say of themselves; a view that a crash left behind is said to be so."""
    drawn = checked_lines(path)
    if crashed:
        for said in drawn["by_view"].values():
            said.update({"why": CRASHED} if said.get("why") == SLOW else {})
        path.write_text(json.dumps(drawn, ensure_ascii=False), encoding="utf-8")
    return {name: value for name, value in drawn.items() if name != "views"}


def checked_lines(path: Path) -> dict[str, Any]:
    """Return the lines of a drawing, in views and layers. Raises ValueError and its kin for what is something else."""
    if path.stat().st_size > MOST_REPORT:
        raise ValueError("too long")
    raw = path.read_bytes()
    if _UNSTORABLE.search(raw):
        raise ValueError("letters that cannot be stored")
    drawn: dict[str, Any] = json.loads(raw, parse_constant=_no_number, parse_float=_finite)
    if not isinstance(drawn["title"], str):
        raise TypeError("title")
    if len([float(side) for side in drawn["size_mm"]]) != 3 or drawn["views"].keys() != VIEWS.keys():
        raise ValueError("views")
    for view in drawn["views"].values():
        if view.keys() != set(LAYERS):
            raise ValueError("layers")
        for lines in view.values():
            for line in lines:
                _check_line(line)
    for name, said in drawn.get("by_view", {}).items():
        if name not in VIEWS or not isinstance(said, dict):
            raise ValueError("by_view")
    return drawn


def _check_line(line: Any) -> None:
    if isinstance(line, dict):
        Arc.from_json(line)
        return
    for x, y in line:
        float(x + y)


def written(folder: Path, process: int) -> int:
    """Return how many bytes the files of a folder hold, with those that the process has open and nobody sees."""
    sizes: dict[tuple[int, int], int] = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                _note(os.lstat(Path(parent, name)), sizes)
    with suppress(OSError):
        for entry in os.scandir(f"/proc/{process}/fd"):
            with suppress(OSError):
                found = Path(entry.path).stat()
                if not found.st_nlink:
                    _note(found, sizes)
    return sum(sizes.values())


def _note(found: os.stat_result, sizes: dict[tuple[int, int], int]) -> None:
    if stat.S_ISREG(found.st_mode):
        sizes[found.st_dev, found.st_ino] = found.st_blocks * 512


def _refuse_links(path: Path) -> None:
    """Raise ValueError unless this is a file of its own: a link leads to others."""
    found = path.lstat()
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise ValueError(path.name)


def _check_usd(path: Path) -> None:
    """Raise ValueError unless this begins as a USD crate does and its table of contents lies in it."""
    _refuse_links(path)
    with path.open("rb") as stream:
        magic, _, contents = _USD_HEADER.unpack(stream.read(_USD_HEADER.size))
    if magic != b"PXR-USDC" or not _USD_HEADER.size <= contents < path.stat().st_size:
        raise ValueError(path.name)


def _report(path: Path) -> dict[str, Any]:
    """Return the report. Raises ValueError, TypeError, KeyError, RecursionError for what is none."""
    _refuse_links(path)
    if path.stat().st_size > MOST_REPORT:
        raise ValueError("too long")
    raw = path.read_bytes()
    if _UNSTORABLE.search(raw):
        raise ValueError("letters that cannot be stored")
    report: dict[str, Any] = json.loads(raw.decode(), parse_constant=_no_number, parse_float=_finite)
    for name, kind in _TYPES.items():
        if not isinstance(report[name], kind) or isinstance(report[name], bool):
            raise TypeError(name)
        if kind is int and not 0 <= report[name] <= LARGEST:
            raise ValueError(name)
    if not isinstance(report.get("section", {}), dict):
        raise TypeError("section")
    if len(report["size_mm"]) != 3 or not all(
        isinstance(length, (int, float)) for length in report["size_mm"]
    ):
        raise TypeError("size_mm")
    if not all(isinstance(text, str) for warning in report["warnings"] for text in warning.values()):
        raise TypeError("warnings")
    _check_tree(report["tree"])
    return report


def _check_tree(tree: dict[str, Any]) -> None:
    """Raise KeyError or TypeError where a place in the product tree is not described as one."""
    waiting: list[dict[str, Any]] = [tree] if tree else []
    while waiting:
        place = waiting.pop()
        if not all(isinstance(place[name], str) for name in ("name", "product", "part_key")):
            raise TypeError("tree")
        waiting += place.get("children", ())


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(digits)
    return number


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)
