"""Sample names of a STEP file in each code page, so that an operator can choose one."""

from __future__ import annotations

import codecs
import mmap
import re
from dataclasses import dataclass

from blender_scripts.children.folders import temporary_folder
from media_assets import storage
from media_assets.cad.code_pages import CODECS
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
    """The names of a file as one code page reads them; None where the bytes make no sense in it."""

    page: CadFile.CodePage
    names: tuple[str | None, ...]


def name_samples(cad_file: CadFile) -> list[Sample]:
    """Return up to five names in each code page, those first in which all make sense; none where no name needs one."""
    raw_names = _raw_names(cad_file) if cad.of(cad_file.format).shows_names else []
    if not raw_names:
        return []
    samples = [
        Sample(page, tuple(_read(raw, CODECS[str(page)]) for raw in raw_names)) for page in CadFile.CodePage
    ]
    return sorted(samples, key=lambda sample: sample.names.count(None))


def _raw_names(cad_file: CadFile) -> list[bytes]:
    """Return the names that hold bytes beyond ASCII; what can't be opened has none."""
    found: dict[bytes, None] = {}
    try:
        with (
            temporary_folder() as folder,
            storage.local_copy(cad_file.file) as path,
        ):
            plain = plain_file(path, folder, MOST_BYTES)
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


def _read(raw: bytes, codec: str) -> str | None:
    try:
        text = codecs.getincrementaldecoder(codec)().decode(raw, final=len(raw) < LONGEST_NAME)
    except UnicodeDecodeError:
        return None
    return text.replace("''", "'")
