"""The host side of reading CAD: starts the contained child, follows it, ends it. Standard library only.

::

    conversion = Conversion(source, out_dir, PRESETS["standard"])
    conversion.start()
    while not conversion.done:
        for told in conversion.poll(1.0):
            ...                       # renew the lease, note the progress, or conversion.kill()
    result = conversion.result()      # or CadError
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from blender_scripts.children.ending import end_group
from blender_scripts.children.lines import Lines
from blender_scripts.children.program import run
from media_assets.cad.contract import (
    DOCUMENT_NAME,
    GLB_NAME,
    LEARNED_NAME,
    LOG_NAME,
    REPORT_NAME,
    USD_NAME,
    ConversionProgress,
    ConversionResult,
    Kept,
    Limits,
    Reading,
    Request,
)
from media_assets.cad.errors import CadError
from media_assets.cad.failures import COMPLAINING, explain_exit, explain_missing, hung, reader_words
from media_assets.cad.forkclient import PROJECT_ROOT, ForkServer, child_environment
from media_assets.cad.problem import Failure
from media_assets.cad.settings import Tessellation

CHECK_TIMEOUT_S = 120.0
LOG_TAIL_BYTES = 20_000
ANSI_COLOR = re.compile(r"\x1b\[[0-9;]*m")


class Conversion:
    """One CAD file on its way to geometry, in a child process with limits.

    ``out_dir`` must exist; it receives ``geometry.glb``, ``master.usdc`` and ``report.json`` when everything
    succeeded, and nothing otherwise. ``name`` is what a product without a name of its own is called. With ``kept``,
    what an earlier conversion read is used instead of the source, if that works; with ``keep_document`` what this one
    reads comes with the result.
    """

    def __init__(
        self,
        source: Path,
        out_dir: Path,
        tessellation: Tessellation,
        *,
        limits: Limits | None = None,
        reading: Reading | None = None,
        want_usd: bool = True,
        name: str = "",
        kept: Kept | None = None,
        keep_document: bool = False,
    ) -> None:
        self.source = source
        self.out_dir = out_dir
        self.tessellation = tessellation
        self.limits = limits or Limits()
        self.reading = reading or Reading()
        self.want_usd = want_usd
        self.name = name or source.stem
        self.kept = kept
        self.keep_document = keep_document
        self.kept_why = ""
        self._stage = ""
        self.pid: int | None = None
        self.done = False
        self.log = ""
        self._error: CadError | None = None
        self._channel: socket.socket | None = None
        self._lines: Lines | None = None
        self._work: Path | None = None
        self._started = 0.0
        self._attempts = 0

    def start(self) -> None:
        """Start the child and return at once. Raises CadError (not_cad) when the source cannot be read."""
        if not os.access(self.source, os.R_OK):
            raise CadError("unreadable", "missing", name=self.source.name)
        self._started = time.monotonic()
        self._submit()

    def _submit(self) -> None:
        self._attempts += 1
        self.pid = None
        self._work = Path(tempfile.mkdtemp(dir=self.out_dir, prefix=".cad-")).resolve()
        request = Request(
            source=str(self.source.resolve()),
            out_dir=str(self.out_dir.resolve()),
            work_dir=str(self._work),
            name=self.name,
            tessellation=self.tessellation,
            limits=self.limits,
            reading=self.reading,
            want_usd=self.want_usd,
            kept=self.kept.path if self.kept else "",
            keep_document=self.keep_document,
        )
        if self.kept:
            # Not in the request: a socket takes 200 kB at once.
            learned = json.dumps(self.kept.learned, ensure_ascii=False)
            (self._work / LEARNED_NAME).write_text(learned, encoding="utf-8")
        self._channel = ForkServer.of_this_process().submit(request)
        self._lines = Lines(self._channel.fileno())

    def poll(self, timeout: float = 0.0) -> list[ConversionProgress]:
        """Return what happened, waiting up to ``timeout`` seconds for the first of it; [] when nothing did.

        Ends the child when its time is up. Afterwards ``done`` says whether ``result`` can be called.
        """
        lines = self._lines
        if lines is None:
            return []
        left = self._started + self.limits.wall_s - time.monotonic()
        if left <= 0:
            self._stop_child()
            self._finish(hung(self.limits))
            return []
        said = [line.text for line in lines.read(min(timeout, left))]
        # Who was killed may have said half of one.
        told = [self._handle(json.loads(text)) for text in said if text[:1] + text[-1:] == "{}"]
        if lines.ended and lines is self._lines:
            self._server_died()
        return [progress for progress in told if progress]

    def _handle(self, event: dict[str, Any]) -> ConversionProgress | None:
        """Take in one event of the child or the server; return it if it is progress."""
        kind = event["event"]
        if self.done:
            return None
        if kind == "progress":
            self._stage = event["stage"]
            return ConversionProgress(event["fraction"], event["stage"], event["message"])
        if kind == "started":
            self.pid = event["pid"]
        elif kind == "error":
            self._error = CadError.from_failure(Failure.from_json(event))
        elif kind == "done" and (self.out_dir / REPORT_NAME).exists():
            # Everything is in its place. To give back its memory takes the child 20 ms more; the server sees to it.
            self.pid = None
            self._finish(None)
        elif kind == "exit":
            self.pid = None
            if self._may_be_the_cache():
                self._begin_again()
                return None
            crash = explain_exit(event["code"], event["peak_mb"], self.limits, self._read_log())
            self._finish(self._error or crash)
        return None

    def _may_be_the_cache(self) -> bool:
        """Return whether the child failed on a kept document, or on keeping one, in a way that says no more."""
        no_reason = self._error is None or self._error.code in (
            "damaged",
            "reader_failed",
        )
        return no_reason and (self.kept is not None or self._stage == "keep")

    def _begin_again(self) -> None:
        """Read the source without the cache."""
        self.keep_document = self.keep_document and self._stage != "keep"
        self.kept, self.kept_why = None, f"the reader crashed in the stage {self._stage!r}"
        self._error, self._stage = None, ""
        self._clean()
        self._submit()

    def _server_died(self) -> None:
        """Try once more with a new server: it was killed, which is not the file's fault."""
        words = ForkServer.of_this_process().last_words()
        self._clean()
        if "Error" in words:
            self._finish(explain_missing(words))
        elif self._attempts > 1:
            self._finish(explain_exit(-signal.SIGKILL, 0, self.limits, words))
        else:
            self._submit()

    def result(self) -> ConversionResult:
        """Return the finished files and the report. Raises CadError when there are none, for whatever reason."""
        if not self.done:
            raise RuntimeError("The conversion is not done yet; poll it until it is.")
        if self._error:
            raise self._error
        report = json.loads((self.out_dir / REPORT_NAME).read_text(encoding="utf-8"))
        usd = self.out_dir / USD_NAME if self.want_usd else None
        learned = report.pop("learned", None)
        kept = Kept(str(self.out_dir / DOCUMENT_NAME), learned) if learned else None
        if self.kept_why:
            report["document"]["why"] = self.kept_why
        return ConversionResult(self.out_dir / GLB_NAME, usd, report, kept)

    def kill(self) -> None:
        """End the child and everything it started; ``result`` then raises CadError (canceled). At most about 1 s."""
        if not self.done:
            self._stop_child()
            self._finish(CadError("canceled", "reader"))

    def _stop_child(self) -> None:
        if self.pid is not None:  # else the server drops the request, as its asker hangs up
            end_group(self.pid, self._is_gone)

    def _is_gone(self, wait: float) -> bool:
        deadline = time.monotonic() + wait
        while self.pid is not None and self._lines is not None:
            said = self._lines.read(deadline - time.monotonic())
            if self._lines.ended or any('"event": "exit"' in line.text for line in said):
                self.pid = None
            elif time.monotonic() >= deadline:
                break
        return self.pid is None

    def _read_log(self) -> str:
        """Return the last lines that the reader printed, without its colors."""
        if self._work is None:
            return ""
        try:
            with (self._work / LOG_NAME).open("rb") as stream:
                stream.seek(max(0, stream.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
                tail = stream.read().decode("utf-8", "replace")
        except OSError:
            return ""
        return "\n".join(line for line in map(str.strip, ANSI_COLOR.sub("", tail).splitlines()) if line)

    def _finish(self, error: CadError | None) -> None:
        self._error = error
        self.log = self._read_log()
        if error and error.code in COMPLAINING:
            error.add_words(reader_words(self.log))
        self.done = True
        self._clean()

    def _clean(self) -> None:
        if self._channel is not None and self._lines is not None:
            self._lines.close()
            self._channel.close()
            self._channel = self._lines = None
        if self._work is not None:
            shutil.rmtree(self._work, ignore_errors=True)
            self._work = None


def check_reader() -> str:
    """Return the versions of the CAD tools, after importing them in a process of its own.

    Raises CadError (reader_missing) with the package to install.
    """
    argv = [sys.executable, "-m", "media_assets.cad.child", "--versions"]
    done = run(argv, CHECK_TIMEOUT_S, env=child_environment(), cwd=PROJECT_ROOT)
    if done.timed_out:
        raise CadError("reader_missing", "slow", seconds=CHECK_TIMEOUT_S)
    if done.returncode != 0:
        raise explain_missing(done.text(said=False))
    return done.text(said=True).strip()
