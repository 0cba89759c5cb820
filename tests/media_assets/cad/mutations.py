"""Damages CAD files at random and reads each through the contained child.

``python -m tests.media_assets.cad.mutations --count 500 --seed 1`` prints how they ended. It fails when one ended in
any other way than ready, ready with warnings, or with a named error; took longer or left more behind than it may; or
took the reading process with it.
"""

from __future__ import annotations

import argparse
import dataclasses
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil

from media_assets.cad.client import Conversion
from media_assets.cad.contract import GLB_NAME, REPORT_NAME, Limits, Reading
from media_assets.cad.error_table import CAD_ERRORS
from media_assets.cad.errors import CadError
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.damage import MUTATIONS, Mutation
from tests.media_assets.cad.glb_facts import shown_in_glb
from tests.media_assets.cad.mutation_sources import sound_files
from tests.media_assets.cad.witness import Witness

LIMITS = Limits(wall_s=6.0, memory_mb=1000, source_mb=20, output_mb=100, max_triangles=2_000_000)
LATE_S = 2.0
"""How much later than its limit a child may be gone."""

AT_ONCE = 2


@dataclasses.dataclass(frozen=True)
class Source:
    """A sound file to damage, and what it gives when it is left alone."""

    path: Path
    content: bytes
    report: dict[str, Any]


@dataclasses.dataclass(frozen=True)
class Ending:
    """How one damaged file ended: ``kind`` is ready, ready with warnings, or an error code.

    ``lost`` says that a ready result has fewer parts, faces or another size than that of the sound file.
    """

    source: str
    mutation: str
    kind: str
    seconds: float
    wrong: str = ""
    lost: bool = False


class Mutant:
    """One damaged file on its way."""

    def __init__(self, source: Source, mutation: Mutation, chance: random.Random, folder: Path) -> None:
        self.source = source
        self.mutation = mutation.__name__
        self.folder = folder
        self.out = folder / "out"
        self.out.mkdir(parents=True)
        path = folder / source.path.name
        path.write_bytes(mutation(source.content, chance))
        self.started = time.monotonic()
        self.conversion = _conversion(path, self.out)
        self.conversion.start()

    def ending(self) -> Ending:
        """Return how it ended, with what should not have been."""
        seconds = time.monotonic() - self.started
        wrong, lost = "", False
        try:
            report = self.conversion.result().report
        except CadError as error:
            kind = error.code
            if kind not in CAD_ERRORS:
                wrong = f"the code {kind} has no next step"
            elif not error.message.endswith("."):
                wrong = f"no sentence: {error.message}"
            elif kind == "reader_failed":
                wrong = f"the converter stumbled: {error.words} {self.conversion.log[-1500:]}"
            elif list(self.out.iterdir()):
                wrong = f"left {[path.name for path in self.out.iterdir()]}"
        else:
            new = {one["code"] for one in report["warnings"]} - {
                one["code"] for one in self.source.report["warnings"]
            }
            kind = "ready with warnings" if new else "ready"
            lost = _is_less(report, self.source.report)
            wrong = self._wrong_files()
        if seconds > LIMITS.wall_s + LATE_S:
            wrong = f"took {seconds:.1f} s"
        return Ending(self.source.path.name, self.mutation, kind, seconds, wrong, lost)

    def _wrong_files(self) -> str:
        names = sorted(path.name for path in self.out.iterdir())
        if names != [GLB_NAME, REPORT_NAME]:
            return f"wrote {names}"
        try:
            shown = shown_in_glb(self.out / GLB_NAME)
        except Exception as error:
            return f"the GLB cannot be read: {type(error).__name__} {error}"
        return "" if shown.finite and shown.placed else "the GLB shows nothing"


def _conversion(path: Path, out: Path) -> Conversion:
    # Names and lengths of meshes are the operator's to state.
    reading = Reading(unit="mm") if path.suffix in {".stl", ".obj"} else Reading()
    return Conversion(path, out, PRESETS["draft"], limits=LIMITS, reading=reading, want_usd=False)


def _is_less(report: dict[str, Any], sound: dict[str, Any]) -> bool:
    fewer = any(report.get(name, 0) < sound.get(name, 0) for name in ("instances", "parts", "faces_placed"))
    holes = report.get("unmeshed_faces", 0) > sound.get("unmeshed_faces", 0)
    pairs = zip(report["size_mm"], sound["size_mm"], strict=True)
    return fewer or holes or any(abs(one - other) > 0.01 * other for one, other in pairs)


def sound(path: Path) -> Source:
    """Return a file that can be read, with its report."""
    with tempfile.TemporaryDirectory() as folder:
        conversion = _conversion(path, Path(folder))
        conversion.start()
        while not conversion.done:
            conversion.poll(1.0)
        return Source(path, path.read_bytes(), conversion.result().report)


def endings(sources: list[Source], count: int, seed: int, folder: Path) -> Iterator[Ending]:
    """Yield the ending of each of ``count`` damaged files, two of which are read at a time."""
    chance = random.Random(seed)
    server = ForkServer.of_this_process().pid
    waiting = list(range(count))
    running: list[Mutant] = []
    while waiting or running:
        while waiting and len(running) < AT_ONCE:
            number = waiting.pop()
            mutation = MUTATIONS[number % len(MUTATIONS)]
            running.append(Mutant(chance.choice(sources), mutation, chance, folder / str(number)))
        for mutant in list(running):
            mutant.conversion.poll(0.01)
            if mutant.conversion.done:
                running.remove(mutant)
                yield mutant.ending()
        if ForkServer.of_this_process().pid != server:
            raise AssertionError("the reading process did not survive")
    # The server needs a moment to take leave of the last one.
    _, left = psutil.wait_procs(psutil.Process(server).children(recursive=True), timeout=LATE_S)
    if left:
        raise AssertionError(f"these children are left: {left}")


def table(found: list[Ending]) -> str:
    """Return how many of each mutation ended in which way, and what was lost without a word."""
    kinds = Counter(one.kind for one in found)
    lines = [f"{'':22}" + "".join(f"{kind[:13]:>14}" for kind, _ in kinds.most_common())]
    for mutation in MUTATIONS:
        row = Counter(one.kind for one in found if one.mutation == mutation.__name__)
        lines.append(
            f"{mutation.__name__:22}" + "".join(f"{row[kind]:14}" for kind, _ in kinds.most_common())
        )
    lines.append(f"{'all':22}" + "".join(f"{number:14}" for _, number in kinds.most_common()))
    for source in dict.fromkeys(sorted(one.source for one in found)):
        those = [one for one in found if one.source == source]
        ready = [one for one in those if one.kind.startswith("ready")]
        lines.append(
            f"{source}: {len(ready)} of {len(those)} ready, {sum(one.lost for one in ready)} of them with less than "
            f"the sound file or another size, {sum(one.lost for one in ready if one.kind == 'ready')} of these without "
            f"a warning; {sum(one.kind == 'hung' for one in those)} hung"
        )
    lines.append(f"The slowest took {max(one.seconds for one in found):.1f} s.")
    return "\n".join(lines)


def main() -> int:
    """Print the table; return 1 when something ended as it must not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", type=Path, nargs="*")
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    witness = Witness()
    with tempfile.TemporaryDirectory() as folder:
        paths = options.files or sound_files(Path(folder), witness)
        witness.close()
        started = time.monotonic()
        found = list(endings([sound(path) for path in paths], options.count, options.seed, Path(folder)))
    print(table(found))
    print(
        f"{len(found)} files in {time.monotonic() - started:.0f} s: {', '.join(path.name for path in paths)}"
    )
    wrong = [one for one in found if one.wrong]
    for one in wrong:
        print(f"WRONG {one.source} {one.mutation} {one.kind}: {one.wrong}")
    ForkServer.close_current()
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
