"""The encoder: a contained child that writes and checks pictures, and stays for the next ones.

A lossless WebP of 8,192 px takes minutes, in which its worker must renew the lease and hear a cancel; and what a
damaged master does to its decoder shall do no harm to the worker. `encoder_child` is the other side.
"""

from __future__ import annotations

import base64
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from blender_scripts.children.ending import in_words
from blender_scripts.children.program import Child, environment
from media_assets.cad.problem import Failure
from rendering.catalog.channels.facts import PictureFacts
from rendering.models.errors import JobError
from rendering.pictures.gate import Concern
from rendering.pictures.gate_words import QUALITY_GATE
from rendering.pictures.limits import EncodingLimits
from rendering.pictures.signing import SigningKey

PROJECT_ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ("-m", "rendering.pictures.encoder_child")
POLL_SECONDS = 0.1
WORKED_SECONDS = 0.1  # of processor time: who has used so much meanwhile has not hung
WRITING, CHECKING = "writing", "checking"
"""The stages, as `tick` is told of them."""

T = TypeVar("T")
Tick = Callable[[str], None]


@dataclass(frozen=True)
class Written:
    """A file that was written and has passed the quality gate.

    *seconds* of each stage, what looks wrong in it, and what it takes as PNG (bytes; None: nobody asked). *quality*:
    what it had to be lowered to. *facts*: what was measured in it (`catalog.channels.facts`), *measured* what the gate
    of a kind with its own measured (`kinds`).
    """

    seconds: Mapping[str, float]
    concerns: Sequence[Concern]
    png_bytes: int | None
    quality: int | None = None
    facts: Mapping[str, Any] | None = None
    measured: Mapping[str, Any] | None = None


class Unwritten(Exception):
    """The source could not be read or the file not be written; the message says why."""


class Encoder:
    """One running child, which reads below one folder and writes below another, as they are now. Not thread-safe.

    It ends with whatever `tick` raises, and with each error that lies in itself; then `alive` is false.
    """

    def __init__(self, reads: Path, writes: Path) -> None:
        self.folders = [reads, writes]
        reach = {"readable": [str(reads)], "writable": [str(writes)]}
        self._child = Child(
            [sys.executable, *PROGRAM, json.dumps(reach)],
            env={**environment(writes), "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
            cwd=PROJECT_ROOT,
        )

    @property
    def alive(self) -> bool:
        return self._child.process.poll() is None

    @property
    def pid(self) -> int:
        return self._child.process.pid

    @property
    def tail(self) -> list[str]:
        """What it printed over its last picture."""
        return list(self._child.tail)

    def write(
        self,
        source: Path,
        target: Path,
        recipe: Mapping[str, Any],
        about: Mapping[str, Any],
        *,
        measures_png: bool,
        limits: EncodingLimits,
        tick: Tick,
        key: SigningKey | None = None,
    ) -> Written:
        """Write the master or geometry *source* as the file that *recipe* says (see `encode.encode`), and check it.

        *key* signs it, where its recipe says so. *tick* is called often. Raises Unwritten; OSError of a full disk and
        its kin; JobError quality_gate, encoder_crashed, hung, timed_out or out_of_memory.
        """
        request = {
            "do": "write",
            "source": str(source),
            "target": str(target),
            "recipe": recipe,
            "about": about,
            "measures_png": measures_png,
            **_public(key),
        }
        return self._ask(request, limits, tick, _written, key)

    def sign(
        self,
        path: Path,
        recipe: Mapping[str, Any],
        about: Mapping[str, Any],
        *,
        limits: EncodingLimits,
        tick: Tick,
        key: SigningKey,
    ) -> None:
        """Sign the film in *path*. Raises as `write` does."""
        request = {
            "do": "sign",
            "source": str(path),
            "target": str(path),
            "recipe": recipe,
            "about": about,
            **_public(key),
        }
        self._ask(request, limits, tick, lambda _answer: None, key)

    def check(
        self, path: Path, recipe: Mapping[str, Any], *, limits: EncodingLimits, tick: Tick
    ) -> list[Concern]:
        """Check a picture by its recipe (see `gate.check`); return what looks wrong in it. Raises as `write` does."""
        return self._ask({"do": "check", "source": str(path), "recipe": recipe}, limits, tick, _concerns)

    def measure(
        self, source: Path, target: Path, recipe: Mapping[str, Any], *, limits: EncodingLimits, tick: Tick
    ) -> Mapping[str, Any] | None:
        """Return what is measured in a file that was made of the master *source*. Raises as `write` does."""
        request = {"do": "measure", "source": str(source), "target": str(target), "recipe": recipe}
        return self._ask(
            request, limits, tick, lambda answer: PictureFacts.from_json(answer["facts"]).to_json()
        )

    def kill(self) -> None:
        """End it now."""
        self._child.kill()

    def _ask(
        self,
        request: Mapping[str, Any],
        limits: EncodingLimits,
        tick: Tick,
        understood: Callable[[dict[str, Any]], T],
        key: SigningKey | None = None,
    ) -> T:
        try:
            answer = self._answer(request, limits, tick, key)
            with _sense():
                error = _error(answer, limits)
                if error is None:
                    return understood(answer)
        except BaseException:
            self.kill()
            raise
        raise error

    def _answer(
        self, request: Mapping[str, Any], limits: EncodingLimits, tick: Tick, key: SigningKey | None
    ) -> dict[str, Any]:
        """Return its last word about a picture; sign once what it asks to sign, if there is a *key*.

        Raises JobError when it dies before that, or exceeds a limit.
        """
        child, stage = self._child, WRITING
        said: dict[str, Any] = {}
        child.tail.clear()
        began = moved = time.monotonic()
        worked = child.cpu_seconds()
        child.send(request)
        while not child.ended(wait=1.0):
            for line in child.lines(POLL_SECONDS):
                if not line.said:
                    child.tail.append(line.text)
                elif line.whole:
                    with _sense():
                        said = dict(json.loads(line.text))
                        stage = said.get("stage", "")
                        if "sign" in said:
                            _signed(child, said, key)
                            key = None
            if not stage:
                return said
            tick(stage)
            now, used = time.monotonic(), child.cpu_seconds()
            if used - worked > WORKED_SECONDS:
                moved, worked = now, used
            if now - moved > limits.hang_seconds:
                raise JobError("hung", "encoder", seconds=now - moved)
            if now - began > limits.wall_seconds:
                raise JobError("timed_out", "encoding", seconds=limits.wall_seconds)
            if 0 < limits.memory_mb < child.rss_mb():
                raise JobError("out_of_memory", "encoder", limit_mb=limits.memory_mb)
        raise JobError("encoder_crashed", "ended", how=in_words(child.process.returncode))


def _public(key: SigningKey | None) -> dict[str, Any]:
    """Return what the child may know of a key."""
    return {"key": {"certificates": key.certificates, "algorithm": key.algorithm}} if key else {}


def _signed(child: Child, said: Mapping[str, Any], key: SigningKey | None) -> None:
    """Send the child the one signature that it may have."""
    if key is None:
        raise ValueError
    signature = key.sign(base64.b64decode(said["sign"]))
    child.send({"signature": base64.b64encode(signature).decode()})


@contextmanager
def _sense() -> Iterator[None]:
    """What the child said is no error of ours, whatever it is. Raises JobError encoder_crashed."""
    try:
        yield
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise JobError("encoder_crashed", "nonsense") from error


def _error(answer: dict[str, Any], limits: EncodingLimits) -> Exception | None:
    """Return the error that the child's answer is; None for a good one."""
    match answer.get("error"):
        case None:
            return None
        case "gate":
            case, details = str(answer["case"]), dict(answer["details"])
            if case not in QUALITY_GATE.cases:
                raise ValueError(case)
            return JobError.from_failure(Failure.of("quality_gate", **{**details, "case": case}))
        case "system":
            return OSError(int(answer["number"]), str(answer["words"]), str(answer["file"]) or None)
        case "memory":
            return JobError("out_of_memory", "encoder", limit_mb=limits.memory_mb)
        case "unwritten":
            return Unwritten(str(answer["words"]))
        case _:
            return JobError("internal", said=str(answer["words"]))


def _written(answer: dict[str, Any]) -> Written:
    seconds = {name: float(answer["seconds"][name]) for name in ("encode", "gate")}
    png = answer["png_bytes"]
    quality, facts = answer["quality"], answer["facts"]
    return Written(
        seconds,
        _concerns(answer),
        None if png is None else int(png),
        None if quality is None else int(quality),
        None if facts is None else PictureFacts.from_json(facts).to_json(),
        None if answer["measured"] is None else dict(answer["measured"]),
    )


def _concerns(answer: dict[str, Any]) -> list[Concern]:
    return [Concern(str(one["code"]), str(one["text"])) for one in answer["concerns"]]
