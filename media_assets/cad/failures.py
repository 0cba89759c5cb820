"""The end of a child process in words for people."""

from __future__ import annotations

import re
import signal
import traceback
from pathlib import Path

from media_assets.cad.contract import Limits
from media_assets.cad.errors import CadError

MEMORY_WORDS = ("bad_alloc", "Standard_OutOfMemory", "MemoryError", "Cannot allocate memory", "out of memory")
NEAR_LIMIT = 0.8
"""A crash with this share of the memory limit in use is taken for a failed allocation."""

READER_COMPLAINT = re.compile(r"ERR (?:StepFile : )?(.+)$")
COMPLAINING = frozenset({"unreadable", "nothing_to_show", "no_usable_geometry"})
"""Errors that OpenCASCADE explains on its standard output only."""

MISSING_LIBRARY = re.compile(r"(lib[\w.+-]+\.so[\w.]*): cannot open shared object file")
DEBIAN_PACKAGES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libOpenGL.so.0": "libopengl0",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXrender.so.1": "libxrender1",
    "libXi.so.6": "libxi6",
    "libSM.so.6": "libsm6",
    "libICE.so.6": "libice6",
    "libfontconfig.so.1": "libfontconfig1",
    "libfreetype.so.6": "libfreetype6",
    "libexpat.so.1": "libexpat1",
    "libgomp.so.1": "libgomp1",
    "libstdc++.so.6": "libstdc++6",
}


def reader_words(log: str) -> str:
    """Return the first complaint of the reader, with the line of the file that it names; empty when it made none."""
    found = (match[1].rstrip("* \t") for line in log.splitlines() if (match := READER_COMPLAINT.search(line)))
    return next(filter(None, found), "")


def explain_exit(code: int, peak_mb: int, limits: Limits, log: str) -> CadError:
    """Return the error of a child that ended without a word: ``code`` below 0 is a signal.

    Only a signal is caused by the file: an exit code means that Python gave up, in our own code.
    """
    last_line = log.splitlines()[-1] if log else ""
    lacked_memory = any(word in log for word in MEMORY_WORDS) or peak_mb > NEAR_LIMIT * limits.memory_mb
    if code == -signal.SIGXCPU:
        return hung(limits)
    if lacked_memory:
        return CadError(
            "out_of_memory", "reader", words=last_line, limit_mb=limits.memory_mb, peak_mb=peak_mb
        )
    if code == -signal.SIGKILL:
        return CadError("out_of_memory", "killed", words=last_line, peak_mb=peak_mb)
    if code >= 0:
        return _stumbled(last_line)
    return CadError("damaged", "crash", words=last_line, signal=signal.Signals(-code).name)


def given_up(words: str, limits: Limits) -> CadError:
    """Return the error of a reader that threw an exception of its own, in its words."""
    if any(word in words for word in MEMORY_WORDS):
        return explain_exit(-signal.SIGKILL, limits.memory_mb, limits, words)
    return CadError("damaged", "contradiction", words=words)


def stumbled(error: BaseException) -> CadError:
    """Return the error of a conversion in which our own code failed, with the words and the line of its traceback."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}, line {frames[-1].lineno})" if frames else ""
    return _stumbled(f"{type(error).__name__}: {error}{where}")


def _stumbled(words: str) -> CadError:
    return CadError("reader_failed", "defect", words=words)


def spoke_nonsense() -> CadError:
    """Return the error of a child that said or wrote what no sound reader does."""
    return CadError("damaged", "nonsense")


def outgrown(limits: Limits) -> CadError:
    """Return the error of a child that wrote more than it may."""
    return CadError("disk_full", "outgrown", limit_mb=limits.output_mb)


def hung(limits: Limits) -> CadError:
    """Return the error of a child that was ended because its time was up."""
    return CadError("hung", "reader", seconds=limits.wall_s)


def explain_missing(words: str) -> CadError:
    """Return the error of a reader that could not be imported, with the package to install."""
    found = MISSING_LIBRARY.search(words)
    last_line = words.strip().splitlines()[-1] if words.strip() else ""
    if not found:
        return CadError("reader_missing", "import", words=last_line)
    package = DEBIAN_PACKAGES.get(found[1])
    if package:
        return CadError("reader_missing", "package", words=last_line, library=found[1], package=package)
    return CadError("reader_missing", "library", words=last_line, library=found[1])
