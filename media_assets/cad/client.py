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

import contextlib
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

from blender_scripts.children.ending import descendants
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
from media_assets.cad.drawing.wanted import EXACT_STAGE, LINES_NAME, Drawing
from media_assets.cad.drawing.wanted import STAGE as DRAWING_STAGE
from media_assets.cad.errors import CadError
from media_assets.cad.explode.wanted import Explosion
from media_assets.cad.failures import (
    COMPLAINING,
    explain_exit,
    explain_missing,
    hung,
    outgrown,
    reader_words,
    spoke_nonsense,
)
from media_assets.cad.forkclient import PROJECT_ROOT, ForkServer, child_environment
from media_assets.cad.produce import taken, written
from media_assets.cad.section.wanted import STAGE, Section
from media_assets.cad.settings import Tessellation
from media_assets.cad.spoken import understood

CHECK_TIMEOUT_S = 120.0
STOP_PATIENCE_S = 1.7
RESULTS = (GLB_NAME, USD_NAME, DOCUMENT_NAME, LINES_NAME)
LOOK_S = 0.25
CUT_S = 240.0
"""Seconds for exact cuts of a product; beyond them it is cut by its triangles."""

EXACT_S = 120.0
"""Seconds for the exact lines of a drawing; views that are not done by then keep their polygonal ones."""

MEGABYTE = 1 << 20
LOG_TAIL_BYTES = 20_000
ANSI_COLOR = re.compile(r"\x1b\[[0-9;]*m")


class Conversion:
    """One CAD file on its way to geometry, in a child process with limits.

    ``out_dir`` must exist; it receives ``geometry.glb``, ``master.usdc`` and ``report.json`` when everything
    succeeded, and nothing otherwise. ``name`` is what a product without a name of its own is called. With ``kept``,
    what an earlier conversion read is used instead of the source, if that works; with ``keep_document`` what this one
    reads comes with the result. With ``earlier``, the USD master of an earlier revision, parts that have not
    changed since are not meshed again. With ``section`` the product is cut; where that crashes or hangs, it is cut
    again by its triangles; so it is with ``drawing``, of which the lines are made instead of a geometry. Exact lines
    come after all others: where they crash or take too long, the result is what was there before.
    With ``explosion`` the product is taken apart.
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
        earlier: Path | None = None,
        section: Section | None = None,
        explosion: Explosion | None = None,
        drawing: Drawing | None = None,
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
        self.earlier = earlier
        self.section = section
        self.drawing = drawing
        self.only_triangles = ""
        self.explosion = explosion
        self.kept_why = ""
        self._crashed = False
        self._stage = ""
        self._stage_began = 0.0
        self.pid: int | None = None
        self.done = False
        self.log = ""
        self._error: CadError | None = None
        self._sockets: tuple[socket.socket, ...] = ()
        self._lines: Lines | None = None
        self._spoke_nonsense = False
        self._outgrew = False
        self._looked = 0.0
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
        self._spoke_nonsense = self._outgrew = False
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
            earlier=str(self.earlier.resolve()) if self.earlier else "",
            section=self.section,
            drawing=self.drawing,
            only_triangles=self.only_triangles,
            explosion=self.explosion,
        )
        if self.kept:
            # Not in the request: a socket takes 200 kB at once.
            learned = json.dumps(self.kept.learned, ensure_ascii=False)
            (self._work / LEARNED_NAME).write_text(learned, encoding="utf-8")
        self._sockets = ForkServer.of_this_process().submit(request)
        self._lines = Lines(*(each.fileno() for each in self._sockets))

    def poll(self, timeout: float = 0.0) -> list[ConversionProgress]:
        """Return what happened, waiting up to ``timeout`` seconds for the first of it; [] when nothing did.

        Ends the child when its time is up. Afterwards ``done`` says whether ``result`` can be called.
        """
        lines = self._lines
        if lines is None:
            return []
        left = self._started + self.limits.wall_s - time.monotonic()
        if self._stage == EXACT_STAGE and min(left, self._stage_began + EXACT_S - time.monotonic()) <= 0:
            self._stop_child()
            self._finish(None)
            return []
        if left <= 0:
            self._stop_child()
            self._finish(hung(self.limits))
            return []
        if self._cuts_exactly and time.monotonic() - self._stage_began > CUT_S:
            self._stop_child()
            self._cut_by_triangles(f"the CAD kernel took longer than {CUT_S:g} s")
            return []
        told: list[ConversionProgress] = []
        # The child's own words first: it has said them before it ended.
        for line in sorted(lines.read(min(timeout, left)), key=lambda line: line.said):
            if self.done or lines is not self._lines:
                break
            if line.said:
                self._take_notice(json.loads(line.text), lines)
            elif line.whole:  # who was killed may have said half of one
                told += self._take_word(line.text)
        if lines is self._lines:
            if lines.ended:
                self._server_died()
            else:
                self._watch()
        return told

    def _take_word(self, line: str) -> list[ConversionProgress]:
        """Take in what the child says itself; one that talks nonsense is stopped."""
        said = understood(line)
        if isinstance(said, ConversionProgress):
            if said.stage != self._stage:
                self._stage, self._stage_began = said.stage, time.monotonic()
            return [said]
        if isinstance(said, CadError):
            self._error = said
        elif not self._spoke_nonsense:
            self._spoke_nonsense = True
            self._hang_up()
        return []

    def _take_notice(self, event: dict[str, Any], lines: Lines) -> None:
        """Take in what the server says of the child."""
        if event["event"] == "started":
            self.pid = event["pid"]
            return
        self.pid = None
        while not self.done and lines.waiting:  # what it said at last
            left = [line for line in lines.read(0.0) if line.whole]
            for line in left:
                self._take_word(line.text)
            if not left:
                break
        if self._stage == EXACT_STAGE:
            self._crashed = event["code"] != 0 or self._error is not None
            self._error = None
            self._finish(self._ending(0, event["peak_mb"]))
        elif self._cuts_exactly and event["code"] < 0:
            self._cut_by_triangles("the CAD kernel crashed")
        elif self._may_be_the_cache(event["code"]):
            self._begin_again()
        else:
            self._finish(self._ending(event["code"], event["peak_mb"]))

    @property
    def _cuts_exactly(self) -> bool:
        return self._stage in (STAGE, DRAWING_STAGE) and not self.only_triangles and not self._outgrew

    def _cut_by_triangles(self, why: str) -> None:
        """Begin again without asking the CAD kernel for the cuts."""
        self.only_triangles = why
        self._error, self._stage = None, ""
        self._clean()
        self._submit()

    def _ending(self, code: int, peak_mb: int) -> CadError | None:
        """Return why there is no geometry, None if there is."""
        if self._outgrew:
            return outgrown(self.limits)
        if self._spoke_nonsense:
            return spoke_nonsense()
        if self._error or (code == 0 and (self.out_dir / REPORT_NAME).exists()):
            return self._error
        return explain_exit(code, peak_mb, self.limits, self._read_log())

    def _watch(self) -> None:
        """Stop a child whose files, taken together, are larger than what it may write, or that has started another."""
        now = time.monotonic()
        if self.pid is None or now - self._looked < LOOK_S:
            return
        self._looked = now
        if written(self.out_dir, self.pid) > self.limits.output_mb * MEGABYTE:
            self._outgrew = True
            self._hang_up()
        elif descendants(self.pid):
            self._spoke_nonsense = True
            self._hang_up()

    def _hang_up(self) -> None:
        """Have the server kill the child with all that came of it; it then says so."""
        with contextlib.suppress(OSError):
            self._sockets[0].shutdown(socket.SHUT_WR)

    def _may_be_the_cache(self, code: int) -> bool:
        """Return whether the child may have failed on what an earlier conversion left, or on keeping a document."""
        if self._outgrew or self._spoke_nonsense or (code == 0 and not self._error):
            return False
        said = self._error.code if self._error else ""
        no_reason = said in ("", "damaged", "reader_failed")
        if self.earlier is not None and (no_reason or said == "no_usable_geometry"):
            return True
        return no_reason and (self.kept is not None or self._stage == "keep")

    def _begin_again(self) -> None:
        """Read the source without what earlier conversions left."""
        self.keep_document = self.keep_document and self._stage != "keep"
        if self.kept or self._stage == "keep":
            self.kept_why = f"the reader crashed in the stage {self._stage!r}"
        self.kept = self.earlier = None
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
        name = LINES_NAME if self.drawing else GLB_NAME
        return taken(
            self.out_dir, name, want_usd=self.want_usd, kept_why=self.kept_why, crashed=self._crashed
        )

    def kill(self) -> None:
        """End the child and everything it started; ``result`` then raises CadError (canceled). At most about 1 s."""
        if not self.done:
            self._stop_child()
            self._finish(CadError("canceled", "reader"))

    def _stop_child(self) -> None:
        """Have the child killed and wait until it is; a request that waits yet is dropped as its asker hangs up."""
        self._hang_up()
        deadline = time.monotonic() + STOP_PATIENCE_S
        while self.pid is not None and self._lines is not None and time.monotonic() < deadline:
            said = [line for line in self._lines.read(deadline - time.monotonic()) if line.said]
            if self._lines.ended or any('"event": "exit"' in line.text for line in said):
                self.pid = None

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
        if error:  # it may have been at its very end when it was stopped
            for name in (REPORT_NAME, *RESULTS):
                with contextlib.suppress(OSError):
                    (self.out_dir / name).unlink(missing_ok=True)
        self.done = True
        self._clean()

    def _clean(self) -> None:
        if self._lines is not None:
            self._lines.close()
            self._lines = None
        for each in self._sockets:
            each.close()
        self._sockets = ()
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
