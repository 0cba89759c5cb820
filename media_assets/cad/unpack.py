"""Packed CAD files: gzip and zip are unpacked within a limit, a byte-order mark is taken off.

A zip may hold what people put around one CAD file: folders, notes, previews, what a desktop leaves behind, materials
and textures of an OBJ, part files of a STEP assembly. What the CAD file may refer to lies beside it when it is read.
"""

from __future__ import annotations

import gzip
import mmap
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from media_assets.cad.errors import CadError
from media_assets.cad.step_text import names_of_files, without_comments
from media_assets.formats import cad

BOM = b"\xef\xbb\xbf"
GZIP_MAGIC = b"\x1f\x8b"
ZIP_MAGIC = b"PK\x03\x04"
CHUNK = 1 << 20

DENSEST = 100
"""How many bytes one packed byte may hold: CAD text packs to a fifth, an assembly that repeats one part 20,000 times
to a tenth, and a bomb to a thousandth. Small contents may, whatever they hold."""

SMALL_BYTES = 50_000_000

MOST_MEMBERS = 10_000
MOST_APART = 100  # CAD files of one archive that become products of their own
LONGEST_NAME = 200  # bytes of a file's name that is kept
FOLDER = "unpacked"

BESIDE = {
    "obj": ("mtl", "png", "jpg", "jpeg", "bmp", "tga", "tif", "tiff", "webp"),
    "step": cad.CAD_FORMATS["step"].suffixes,
}
"""What is unpacked beside a CAD file of a format, by suffix."""


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
            target = _unzip(source, folder / FOLDER, limit)
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


def beside(plain: Path, folder: Path) -> dict[str, Path]:
    """Return the files that were unpacked into ``folder`` with a CAD file, by their names in lower case."""
    if plain.parent != folder / FOLDER:
        return {}
    return {path.name.lower(): path for path in sorted(plain.parent.iterdir()) if path != plain}


def apart(source: Path, folder: Path, max_bytes: int) -> list[Path]:
    """Split an archive whose CAD files do not belong together into a file for each in ``folder``; [] for any other.

    What a STEP assembly refers to and what lies beside an OBJ goes with it, in an archive of the same bytes each time.
    Raises CadError as ``plain_file`` does.
    """
    most = min(max_bytes, max(SMALL_BYTES, DENSEST * source.stat().st_size))
    limit, written = _Limit(most, _implausible(most)), 0
    with zipfile.ZipFile(source) as archive:
        members = [member for member in archive.infolist()[:MOST_MEMBERS] if not _is_clutter(member)]
        found = [member for member in members if _suffix(member) in _SUFFIXES]
        if not 2 <= len(found) <= MOST_APART:
            return []
        unpacked: dict[zipfile.ZipInfo, Path] = {}
        for number, member in enumerate([*found, *(one for one in members if _suffix(one) in BESIDE["obj"])]):
            target = folder / str(number) / _name(member)
            target.parent.mkdir(parents=True)
            with archive.open(member) as packed:
                written = _copy(packed, target, limit, written)
            unpacked[member] = target
    steps = [member for member in unpacked if _suffix(member) in BESIDE["step"]]
    belongs = {
        member: [_nearest(member, steps, name) for name in _names_in(unpacked[member])] for member in steps
    }
    looks = [member for member in unpacked if _suffix(member) in BESIDE["obj"]]
    for member in found:
        if _suffix(member) in cad.of("obj").suffixes:
            near = [one for one in looks if _folder(one) == _folder(member)]
            belongs[member] = [*(near or looks)]
    parts = {one for some in belongs.values() for one in some}
    return [
        _packed(member, unpacked, belongs, folder)
        for member in found
        if member not in parts or member in belongs.get(member, ())
    ]


def _folder(member: zipfile.ZipInfo) -> tuple[str, ...]:
    return PurePosixPath(member.filename.replace("\\", "/")).parts[:-1]


def _nearest(member: zipfile.ZipInfo, others: list[zipfile.ZipInfo], path: str) -> zipfile.ZipInfo | None:
    """Return the member that another one refers to: of several of that name the one in the nearest folder."""
    home = _folder(member)

    def shared(one: zipfile.ZipInfo) -> int:
        return next(
            (at for at, pair in enumerate(zip(home, _folder(one), strict=False)) if pair[0] != pair[1]), 99
        )

    named = [one for one in others if file_name(one.filename) == file_name(path)]
    return max(named, key=lambda one: (_folder(one) == home, shared(one)), default=None)


def _packed(
    root: zipfile.ZipInfo,
    unpacked: dict[zipfile.ZipInfo, Path],
    belongs: dict[zipfile.ZipInfo, list[zipfile.ZipInfo | None]],
    folder: Path,
) -> Path:
    """Return the file of a member, packed with the files that belong to it if there are any."""
    chosen, waiting = {root: None}, [root]
    while waiting:
        for one in belongs.get(waiting.pop(), ()):
            if one is not None and one not in chosen:
                chosen[one] = None
                waiting.append(one)
    if len(chosen) == 1:
        return unpacked[root]
    packed = folder / f"{unpacked[root].parent.name}.d" / f"{unpacked[root].stem}.zip"
    packed.parent.mkdir()
    with zipfile.ZipFile(packed, "w") as archive:
        for one in chosen:
            content = unpacked[one].read_bytes()
            archive.writestr(zipfile.ZipInfo(unpacked[one].name), content, zipfile.ZIP_DEFLATED)
    return packed


def _unzip(source: Path, folder: Path, limit: _Limit) -> Path:
    """Unpack the CAD file of an archive and what belongs to it. Raises CadError not_cad for several CAD files."""
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(source) as archive:
        members = [member for member in archive.infolist()[:MOST_MEMBERS] if not _is_clutter(member)]
        found = [member for member in members if _suffix(member) in _SUFFIXES] or members[: len(members) == 1]
        if not found:
            raise CadError("not_cad", "none_packed", files=len(members))
        kinds = {name for name, suffixes in BESIDE.items() if _suffix(found[0]) in cad.of(name).suffixes}
        wanted = {suffix for kind in kinds for suffix in BESIDE[kind]}
        is_step = "step" in kinds and all(_suffix(member) in BESIDE["step"] for member in found)
        if len(found) > 1 and not is_step:
            raise _several(found)
        unpacked: dict[str, Path] = {}
        written = 0
        for member in [*found, *(one for one in members if one not in found and _suffix(one) in wanted)]:
            name = _name(member)
            if name.lower() in unpacked:
                continue
            target = folder / name
            with archive.open(member) as packed:
                written = _copy(packed, target, limit, written)
            unpacked[name.lower()] = target
    whole = [unpacked[_name(member).lower()] for member in found]
    if len(whole) == 1:
        return whole[0]
    named = {file_name(name) for path in whole for name in _names_in(path)}
    roots = [path for path in whole if path.name.lower() not in named]
    if len(roots) != 1:
        raise _several(found)
    return roots[0]


_SUFFIXES = frozenset(suffix for row in cad.CAD_FORMATS.values() for suffix in row.suffixes)


def file_name(path: str) -> str:
    """Return the last part of a path in lower case, however its parts are separated."""
    return path.replace("\\", "/").rsplit("/", 1)[-1].strip().lower()


def _names_in(path: Path) -> list[str]:
    """Return the names of other files in a STEP file."""
    if not path.stat().st_size:
        return []
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        return [name.decode("utf-8", "replace") for name in names_of_files(without_comments(content))]


def _is_clutter(member: zipfile.ZipInfo) -> bool:
    """Return whether this is a folder, or something that a desktop puts beside files."""
    parts = PurePosixPath(member.filename.replace("\\", "/")).parts
    return member.is_dir() or not parts or "__MACOSX" in parts or parts[-1].startswith((".", "~$"))


def _suffix(member: zipfile.ZipInfo) -> str:
    return member.filename.rpartition(".")[2].lower()


def _name(member: zipfile.ZipInfo) -> str:
    """Return a name that a file in a folder of ours can have."""
    name = member.filename.replace("\\", "/").rsplit("/", 1)[-1].replace("\0", "")
    stem, dot, suffix = name.rpartition(".")
    kept = (stem or suffix).encode("utf-8", "replace")[:LONGEST_NAME].decode("utf-8", "ignore")
    return (f"{kept}{dot}{suffix[:20]}" if stem else kept) or "file"


def _several(members: list[zipfile.ZipInfo]) -> CadError:
    names = ", ".join(sorted(_name(member) for member in members)[:5])
    return CadError("not_cad", "many_packed", files=len(members), names=names)


def _copy(stream: Readable, target: Path, limit: _Limit, written: int = 0) -> int:
    """Write a stream to a file without the byte-order mark and return the bytes ``written`` so far.

    The archive's own word about its size is not trusted.
    """
    head = stream.read(len(BOM))
    with target.open("wb") as out:
        out.write(head.removeprefix(BOM))
        while chunk := stream.read(CHUNK):
            written += len(chunk)
            if written > limit.bytes:
                out.close()
                target.unlink()
                raise limit.refusal
            out.write(chunk)
    return written


def _implausible(most: int) -> CadError:
    return CadError("too_large", "packed", size_mb=most // 1_000_000, times=DENSEST)


def _too_large(max_bytes: int) -> CadError:
    return CadError("too_large", "file", limit_mb=max_bytes // 1_000_000)
