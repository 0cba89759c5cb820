"""Packed CAD files: gzip and zip are unpacked within a limit, a byte-order mark is taken off."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from media_assets.cad.errors import CadError

BOM = b"\xef\xbb\xbf"
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
CHUNK = 1 << 20

DENSEST = 100
"""How many bytes one packed byte may hold: CAD text packs to a fifth, an assembly that repeats one part 20,000 times
to a tenth, and a bomb to a thousandth. Small contents may, whatever they hold."""

SMALL_BYTES = 50_000_000


class Readable(Protocol):
    """Anything that hands out bytes."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class _Limit:
    """How much is unpacked, and the error beyond that."""

    bytes: int
    refusal: CadError


def plain_file(source: Path, folder: Path, max_bytes: int) -> Path:
    """Return a file that starts with CAD text: the source itself, or an unpacked copy in ``folder``.

    Raises CadError: too_large beyond ``max_bytes`` of content or what no CAD file packs to, truncated or not_cad for
    an archive that is broken or holds another one.
    """
    packed_bytes = source.stat().st_size
    if packed_bytes > max_bytes:
        raise _too_large(max_bytes)
    most = max(SMALL_BYTES, DENSEST * packed_bytes)
    limit = _Limit(most, _implausible(most)) if most < max_bytes else _Limit(max_bytes, _too_large(max_bytes))
    with source.open("rb") as stream:
        magic = stream.read(4)
    target = folder / "source"
    try:
        if magic.startswith(GZIP_MAGIC):
            with gzip.open(source, "rb") as packed:
                _copy(packed, target, limit)
        elif magic == ZIP_MAGIC:
            _unzip(source, target, limit)
        elif magic.startswith(BOM):
            with source.open("rb") as stream:
                _copy(stream, target, limit)
        else:
            return source
    except EOFError as error:
        raise CadError("truncated", "packed") from error
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise CadError("not_cad", "packed_badly", words=str(error)) from error
    with target.open("rb") as stream:
        if stream.read(4).startswith((GZIP_MAGIC, ZIP_MAGIC)):
            raise CadError("not_cad", "packed_twice")
    return target


def _unzip(source: Path, target: Path, limit: _Limit) -> None:
    with zipfile.ZipFile(source) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise CadError("not_cad", "many_packed", files=len(members))
        with archive.open(members[0]) as packed:
            _copy(packed, target, limit)


def _copy(stream: Readable, target: Path, limit: _Limit) -> None:
    """Write a stream to a file without the byte-order mark; the archive's own word about its size is not trusted."""
    head = stream.read(len(BOM))
    written = 0
    with target.open("wb") as out:
        out.write(head.removeprefix(BOM))
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > limit.bytes:
                out.close()
                target.unlink()
                raise limit.refusal
            out.write(chunk)


def _implausible(most: int) -> CadError:
    return CadError("too_large", "packed", size_mb=most // 1_000_000, times=DENSEST)


def _too_large(max_bytes: int) -> CadError:
    return CadError("too_large", "file", limit_mb=max_bytes // 1_000_000)
