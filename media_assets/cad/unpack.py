"""Packed CAD files: gzip and zip are unpacked within a limit, a byte-order mark is taken off."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import Protocol

from media_assets.cad.errors import CadError

BOM = b"\xef\xbb\xbf"
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
CHUNK = 1 << 20


class Readable(Protocol):
    """Anything that hands out bytes."""

    def read(self, size: int, /) -> bytes: ...


def plain_file(source: Path, folder: Path, max_bytes: int) -> Path:
    """Return a file that starts with CAD text: the source itself, or an unpacked copy in ``folder``.

    Raises CadError: too_large beyond ``max_bytes`` of content, truncated or not_cad for a broken archive.
    """
    if source.stat().st_size > max_bytes:
        raise _too_large(max_bytes)
    with source.open("rb") as stream:
        magic = stream.read(4)
    target = folder / "source"
    try:
        if magic.startswith(GZIP_MAGIC):
            with gzip.open(source, "rb") as packed:
                _copy(packed, target, max_bytes)
        elif magic == ZIP_MAGIC:
            _unzip(source, target, max_bytes)
        elif magic.startswith(BOM):
            with source.open("rb") as stream:
                _copy(stream, target, max_bytes)
        else:
            return source
    except EOFError as error:
        raise CadError("truncated", "The packed file ends in the middle. Upload it again.") from error
    except (gzip.BadGzipFile, zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        message = "The packed file cannot be unpacked. Unpack it yourself and upload the STEP file."
        raise CadError("not_cad", message, str(error)) from error
    return target


def _unzip(source: Path, target: Path, max_bytes: int) -> None:
    with zipfile.ZipFile(source) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            found = f"The zip archive holds {len(members)} files, and it must hold one CAD file."
            raise CadError("not_cad", f"{found} Upload the CAD files one by one.")
        with archive.open(members[0]) as packed:
            _copy(packed, target, max_bytes)


def _copy(stream: Readable, target: Path, max_bytes: int) -> None:
    """Write a stream to a file without the byte-order mark; the archive's own word about its size is not trusted."""
    head = stream.read(len(BOM))
    written = 0
    with target.open("wb") as out:
        out.write(head.removeprefix(BOM))
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > max_bytes:
                out.close()
                target.unlink()
                raise _too_large(max_bytes)
            out.write(chunk)


def _too_large(max_bytes: int) -> CadError:
    limit = (
        f"The CAD file holds more than {max_bytes // 1_000_000} MB, which is the limit of this installation."
    )
    return CadError(
        "too_large", f"{limit} Export it without construction history, or ask for a higher limit."
    )
