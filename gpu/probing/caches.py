"""Caches of the kernels that GPU drivers compile at the first render: one folder that survives restarts and rebuilds.

One folder for each host: the drivers key what they store by GPU, driver and code, and lock it themselves, so the
GPUs and the containers of a host share it. It must not be on a network share: there OptiX leaves the behavior of
its SQLite file undefined (OptiX 7 Programming Guide, 3.1 "Compilation cache").
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import os
import shutil
import stat
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext

from blender_scripts.jsonform import ContractError, JsonForm

log = logging.getLogger("renderdesk.gpu")

LIMIT_BYTES = 4 * 1024**3
"""The most that CUDA takes for CUDA_CACHE_MAXSIZE (CUDA Programming Guide, environment variables). OptiX gets the same:
beyond it, it throws away until half is left."""

FOLDERS: Mapping[str, tuple[str, ...]] = {
    "optix": ("OPTIX",),
    "cuda": ("OPTIX", "CUDA"),
    "comgr": ("HIP",),
    "sycl": ("ONEAPI",),
    "xdg": ("CUDA", "HIP", "ONEAPI"),
    "blender": (),
}
"""Each cache and the backends that fill it. `xdg` has Cycles' own (cycles/kernels: only kernels that were compiled with
nvcc or hipcc here) and that of Intel's graphics compiler; `blender` has Blender's user folders: it needs no home."""

COMPILES = frozenset({"OPTIX", "CUDA", "ONEAPI"})
"""Backends whose driver may have to compile; HIP's kernels come compiled with Blender."""

FOLDERS_LOOKED_AT = 200  # of each cache, at each depth: CUDA alone makes some hundred

TAG = "CACHEDIR.TAG"
_SIGNATURE = (
    b"Signature: 8a477f597d28d172789f06886806bc55"  # bford.info/cachedir: backups leave such folders out
)
_STAMPS = "stamps"


@dataclass(frozen=True, slots=True)
class CacheSeen(JsonForm):
    """One cache as it lies there: its folder, bytes and files; `written` is the ISO time of its newest file, or ""."""

    name: str
    path: str
    bytes: int = 0
    files: int = 0
    written: str = ""


@dataclass(frozen=True, slots=True)
class Stamp(JsonForm):
    """With what, and when, a GPU's kernels were last compiled on purpose. `bytes` its caches had then.

    Seconds of the same tiny scene: `cold_seconds` with all of it to compile (None: nobody knows), `warm_seconds` after.
    """

    vendor_id: str
    name: str
    backend: str
    driver: str
    blender: str
    at: str
    cold_seconds: float | None
    warm_seconds: float
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Kernels(JsonForm):
    """Whether a GPU's kernels are there: `state` is warm, cold or unknown, `words` says why."""

    vendor_id: str
    name: str
    state: str
    words: str
    stamp: Stamp | None = None


class ResetRefused(Exception):
    """A cache folder that is not emptied, and why."""


def root() -> Path:
    """Return the configured folder."""
    return Path(settings.KERNEL_CACHE_DIR)


def environment() -> dict[str, str]:
    """Return the variables that send every kernel cache into the configured folder, which is made if need be.

    All of them are always set: what an operator's environment says about these caches does not reach Blender.
    Sources: OptiX 7 Programming Guide 3.1 (OPTIX_CACHE_*; default /var/tmp/OptixCache_<user>); CUDA Programming Guide,
    environment variables (CUDA_CACHE_*; default ~/.nv/ComputeCache); amd/comgr README of ROCm's llvm-project
    (AMD_COMGR_CACHE*; default $XDG_CACHE_HOME/comgr); EnvironmentVariables.md of Intel's llvm (SYCL_CACHE_*, megabytes;
    off by default); Cycles 4.5 util/path.cpp (XDG_CACHE_HOME).
    """
    if trouble := prepare():
        log.warning("%s Every start of Blender may compile its GPU kernels again, for minutes.", trouble)
    place = {name: str(root() / name) for name in FOLDERS}
    return {
        "OPTIX_CACHE_PATH": place["optix"],
        "OPTIX_CACHE_MAXSIZE": str(LIMIT_BYTES),
        "CUDA_CACHE_PATH": place["cuda"],
        "CUDA_CACHE_MAXSIZE": str(LIMIT_BYTES),
        "CUDA_CACHE_DISABLE": "0",
        "AMD_COMGR_CACHE": "1",
        "AMD_COMGR_CACHE_DIR": place["comgr"],
        "SYCL_CACHE_PERSISTENT": "1",
        "SYCL_CACHE_DIR": place["sycl"],
        "SYCL_CACHE_MAX_SIZE": str(LIMIT_BYTES // 1024**2),
        "XDG_CACHE_HOME": place["xdg"],
        "BLENDER_USER_RESOURCES": place["blender"],
    }


def prepare() -> str:
    """Make the folders, for this user alone; return why they can't be used and what to do, "" when they can.

    Folders that root makes belong to whoever owns the configured one: a probe run by root shuts no service out.
    """
    try:
        root().mkdir(parents=True, exist_ok=True)
        owner = root().stat()
        for name in (*FOLDERS, _STAMPS):
            folder = root() / name
            made = [] if folder.is_dir() else [folder]
            folder.mkdir(mode=0o700, exist_ok=True)
            if not any(folder.iterdir()):  # ours from now on, be it new or a volume that was mounted here
                (folder / TAG).write_bytes(_SIGNATURE + b"\n# Kernels of GPU drivers, kept by Renderdesk.\n")
                made.append(folder / TAG)
            if os.geteuid() == 0 and owner.st_uid != 0:
                for path in made:
                    os.chown(path, owner.st_uid, owner.st_gid)
        return _unwritable()
    except OSError as error:
        told = gettext("The kernel cache %(folder)s can't be made: %(reason)s.")
        return told % {"folder": root(), "reason": error.strerror or error} + _chown()


def _unwritable() -> str:
    """Return that this user can't write a folder of the caches, and what fixes it."""
    for folder in _folders():
        if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            told = gettext(
                "The kernel cache %(folder)s can't be written by this user (owner, mode or mount)."
            )
            return told % {"folder": folder} + _chown()
    return ""


def root_warning() -> str:
    """Return in a sentence what root would leave in a folder of another user, and what fixes it; "" for others."""
    if os.geteuid() != 0 or not root().exists() or root().stat().st_uid == 0:
        return ""
    return (
        f"This runs as root and the kernel cache {root()} belongs to another user, who can't write what root leaves "
        f"there. Run it as that user, or mend it afterwards: chown -R --reference={root()} {root()}"
    )


def _folders() -> Iterator[Path]:
    """The caches' folders, and those that drivers made in them, two deep."""
    for name in (*FOLDERS, _STAMPS):
        yield root() / name
        for pattern in ("*/", "*/*/"):
            if os.access(root() / name, os.R_OK | os.X_OK):
                yield from itertools.islice((root() / name).glob(pattern), FOLDERS_LOOKED_AT)


def _chown() -> str:
    """The command that gives the folder to this user."""
    who = f"{os.geteuid()}:{os.getegid()}"
    if os.geteuid() == 0:
        return ""
    return " " + gettext("If it is another user's: %(command)s") % {
        "command": f"sudo chown -R {who} {root()}"
    }


def look() -> tuple[CacheSeen, ...]:
    """Return every cache as it is now; one that is not there has no files."""
    return tuple(_seen(name) for name in FOLDERS)


def judge(vendor_id: str, name: str, backend: str, driver: str, blender: str) -> Kernels:
    """Return whether the kernels of a GPU are compiled for this driver and Blender."""

    def found(state: str, words: str) -> Kernels:
        return Kernels(vendor_id, name, state, words, stamp)

    stamp = read_stamp(vendor_id)
    held = bytes_of(backend)
    if stamp is None and held:
        return found("unknown", "something was compiled here, but never all of it on purpose")
    if stamp is None:
        return found("cold", "nothing was compiled here yet")
    if stamp.bytes and not held:
        return found("cold", "the cache has been emptied since it was warmed")
    changes = [
        f"{what} {then}, which is {now} now"
        for what, then, now in (
            ("backend", stamp.backend, backend),
            ("driver", stamp.driver, driver),
            ("Blender", stamp.blender, blender),
        )
        if then and now and then != now
    ]
    if changes:
        return found("cold", f"warmed with {' and '.join(changes)}")
    return found("warm", f"warmed with driver {driver or 'unknown'} and Blender {blender}")


def bytes_of(backend: str) -> int:
    """Return how many bytes the caches that *backend* fills hold."""
    return sum(_seen(name).bytes for name, backends in FOLDERS.items() if backend in backends)


def read_stamp(vendor_id: str) -> Stamp | None:
    """Return a GPU's stamp; None without one, or when it is damaged or another GPU's."""
    try:
        stamp = Stamp.from_json(json.loads(_stamp_path(vendor_id).read_bytes()))
    except (OSError, ValueError, RecursionError, ContractError):
        return None
    return stamp if stamp.vendor_id == vendor_id else None


def write_stamp(stamp: Stamp) -> None:
    """Note that a GPU's kernels are compiled; raises OSError when the folder can't be written."""
    path = _stamp_path(stamp.vendor_id)
    part = path.with_suffix(f".{os.getpid()}.part")
    part.write_text(json.dumps(stamp.to_json(), indent=2))
    part.replace(path)


def reset(names: Sequence[str] = tuple(FOLDERS)) -> dict[str, int]:
    """Empty these caches and forget all stamps; return the bytes that each held.

    Touches nothing but folders that this module made, and follows no link. Raises ResetRefused before the first
    deletion when one of them is something else, OSError when a file can't be deleted.
    """
    there = [root() / name for name in names if os.path.lexists(root() / name)]
    for folder in there:
        _refuse_foreign(folder)
    held = {name: _seen(name).bytes for name in names}
    for folder in (root() / _STAMPS, *there):
        if folder.is_dir() and not folder.is_symlink():
            _empty(folder)
    return held


def _seen(name: str) -> CacheSeen:
    folder = root() / name
    size = count = 0
    newest = 0.0
    for status in _files(folder):
        size, count, newest = size + status.st_size, count + 1, max(newest, status.st_mtime)
    written = datetime.fromtimestamp(newest, UTC).isoformat(timespec="seconds") if count else ""
    return CacheSeen(name, str(folder), size, count, written)


def _files(folder: Path) -> Iterator[os.stat_result]:
    """Every file below *folder* but its tag; links are not followed, what vanishes meanwhile is left out."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if name == TAG:
                continue
            with contextlib.suppress(OSError):
                status = os.lstat(os.path.join(parent, name))  # noqa: PTH118 - drivers keep thousands of files
                if stat.S_ISREG(status.st_mode):
                    yield status


def _refuse_foreign(folder: Path) -> None:
    if folder.is_symlink() or not folder.is_dir():
        raise ResetRefused(
            gettext("%(folder)s is a link or a file, not a folder. Nothing was deleted. Check it yourself.")
            % {"folder": folder}
        )
    try:
        tag = (folder / TAG).read_bytes()
    except OSError:
        tag = b""
    if (folder / TAG).is_symlink() or not tag.startswith(_SIGNATURE):
        raise ResetRefused(
            gettext(
                "%(folder)s was not made by Renderdesk (it has no %(tag)s). Nothing was deleted. Empty it by hand, or "
                "set RENDERDESK_KERNEL_CACHE_DIR to a folder of its own."
            )
            % {"folder": folder, "tag": TAG}
        )


def _empty(folder: Path) -> None:
    for entry in _entries(folder):
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.path)  # does not follow links, not even one that is put there meanwhile
        else:
            Path(entry.path).unlink(missing_ok=True)


def _entries(folder: Path) -> Iterable[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return [entry for entry in entries if entry.name != TAG]


def _stamp_path(vendor_id: str) -> Path:
    safe = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in vendor_id)
    return root() / _STAMPS / f"{safe[:100]}.json"
