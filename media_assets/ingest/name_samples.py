"""Sample names of a STEP file in each code page, so that an operator can choose one."""

from __future__ import annotations

import codecs
import mmap
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from media_assets import storage
from media_assets.cad.errors import CadError
from media_assets.cad.unpack import plain_file
from media_assets.formats import cad
from media_assets.models import CadFile

MOST_NAMES = 5
MOST_BYTES = 64_000_000  # of the unpacked file: a page must answer at once
LONGEST_NAME = 80  # bytes shown
_TEXT = rb"'((?:[^']|''){0,400}+)'"
_PRODUCT = re.compile(rb"=\s*+PRODUCT\s*+\(\s*+" + _TEXT + rb"\s*+,\s*+" + _TEXT)


@dataclass(frozen=True)
class Sample:
    """One name as each code page reads it, in the order of CadFile.CodePage; None where the bytes make no sense."""

    readings: tuple[str | None, ...]


def name_samples(cad_file: CadFile) -> list[Sample]:
    """Return up to five names that look different in different code pages; none where the file has no such name."""
    if not cad.of(cad_file.format).shows_names:
        return []
    return [
        Sample(tuple(_read(raw, str(page)) for page in CadFile.CodePage.values))
        for raw in _raw_names(cad_file)
    ]


def _raw_names(cad_file: CadFile) -> list[bytes]:
    """Return the names that hold bytes beyond ASCII; what can't be opened has none."""
    found: dict[bytes, None] = {}
    try:
        with (
            tempfile.TemporaryDirectory(prefix="names-") as folder,
            storage.local_copy(cad_file.file) as path,
        ):
            plain = plain_file(path, Path(folder), MOST_BYTES)
            if plain.stat().st_size == 0:
                return []
            with (
                plain.open("rb") as stream,
                mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content,
            ):
                for match in _PRODUCT.finditer(content, 0, min(len(content), MOST_BYTES)):
                    name = match[2] or match[1]
                    if not name.isascii():
                        found[name[:LONGEST_NAME]] = None
                    if len(found) == MOST_NAMES:
                        break
    except (OSError, CadError):
        return []
    return list(found)


def _read(raw: bytes, page: str) -> str | None:
    try:
        text = codecs.getincrementaldecoder(page)().decode(raw, final=len(raw) < LONGEST_NAME)
    except UnicodeDecodeError:
        return None
    return text.replace("''", "'")
