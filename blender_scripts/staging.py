"""The private folder of one confined Blender: what it reads is laid there, what it writes is taken from there.

A warm Blender renders what it did not know when it was confined, so no job's own folder can be opened to it. Inputs lie
in a folder that it can only read, by a hard link where that is possible; pictures are moved to their place when they
are whole. Host side, standard library only.
"""

# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import os
import shutil
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from blender_scripts import room
from blender_scripts.children.folders import private_folder
from blender_scripts.contract import RenderOutcome, RenderSpec, frame_name


@dataclass
class _Job:
    """One job as it is laid out: where each picture that Blender writes belongs, and why one is not there.

    `given` are the frames of an earlier attempt, by their inodes: what Blender keeps lies in its place already.
    """

    spec: RenderSpec
    places: dict[Path, Path] = field(default_factory=dict)
    taken: set[Path] = field(default_factory=set)
    given: dict[Path, int] = field(default_factory=dict)
    trouble: OSError | None = None


class Staging:
    """One folder below *base*, with `inputs` and `scratch`."""

    def __init__(self, base: Path | str | None) -> None:
        self.folder = private_folder(base)
        self.inputs, self.scratch = self.folder / "inputs", self.folder / "scratch"
        self.inputs.mkdir()
        self.scratch.mkdir()
        self._count = 0
        self._laid: dict[tuple[str, int, int], Path] = {}
        self._job: _Job | None = None

    def lay_out(self, spec: RenderSpec) -> RenderSpec:
        """Lay out one job, and return it with the paths that Blender has for it.

        Raises room's errors where its pictures could not be put in their place.
        """
        first = Path(spec.output_path)
        first = first / frame_name(1) if spec.kind == "turntable" else first
        room.prepare(first, spec)
        try:
            inputs = self._lay(spec.reads)
        except OSError as error:
            raise room.write_error(error, self.inputs / Path(spec.glb_path).name, 0) from error
        self._count += 1
        place = self.scratch / str(self._count)
        place.mkdir()
        job = self._job = _Job(spec)
        picture = place / Path(spec.output_path).name
        for number in _numbers(spec):
            if spec.kind == "turntable":
                wanted = Path(spec.output_path, frame_name(number))
                job.places[picture / wanted.name] = wanted
                _give(job, wanted, picture / wanted.name)
            else:
                job.places[picture] = Path(spec.output_path)
        linear = _place_for(job, place / "linear", spec.linear_path)
        preview = _place_for(job, place / "preview", spec.preview_path)
        return replace(
            spec,
            glb_path=str(inputs[spec.glb_path]),
            hdri_path=str(inputs[spec.hdri_path]) if spec.hdri_path else "",
            studio_path=str(inputs[spec.studio_path]) if spec.studio_path else "",
            textures={sha256: str(inputs[path]) for sha256, path in spec.textures.items()},
            output_path=str(picture),
            linear_path=linear,
            preview_path=preview,
        )

    def collect(self) -> None:
        """Move the pictures of the job that are whole to their places."""
        job = self._job
        for staged, wanted in job.places.items() if job else ():
            assert job is not None
            try:
                if _is_own_file(staged):
                    if staged.lstat().st_ino != job.given.get(staged):
                        _move(staged, wanted)
                    job.taken.add(staged)
            except OSError as error:
                job.trouble = error

    def delivered(self, outcome: RenderOutcome) -> RenderOutcome:
        """Move what is left, and return the outcome with the places where its files are now."""
        self.collect()
        job, self._job = self._job, None
        assert job is not None
        shutil.rmtree(self.scratch / str(self._count), ignore_errors=True)
        files = tuple(str(job.places[path]) for path in map(Path, outcome.files) if path in job.taken)
        if not outcome.ok or len(files) == len(outcome.files):
            return replace(outcome, files=files)
        trouble = job.trouble or FileNotFoundError(errno.ENOENT, "it was not written")
        wanted = next(place for staged, place in job.places.items() if staged not in job.taken)
        needed = room.most_bytes(job.spec)
        return replace(refused(room.write_error(trouble, wanted, needed)), files=files)

    def remove(self) -> None:
        """Save what is whole of a job that was ended early, and delete the folder."""
        self.collect()
        self._job = None
        shutil.rmtree(self.folder, ignore_errors=True)

    def _lay(self, sources: Sequence[str]) -> dict[str, Path]:
        """Lay these files where Blender reads them, and take away the others; one that is missing is missing there."""
        laid: dict[tuple[str, int, int], Path] = {}
        found: dict[str, Path] = {}
        for source in sources:
            self._count += 1
            target = self.inputs / str(self._count) / Path(source).name
            found[source] = target
            try:
                now = Path(source).stat()
            except OSError:
                continue
            key = (source, now.st_ino, now.st_mtime_ns)
            laid[key] = found[source] = self._laid.get(key) or _linked(Path(source), target)
        for key in self._laid.keys() - laid.keys():
            shutil.rmtree(self._laid[key].parent, ignore_errors=True)
        self._laid = laid
        return found


def refused(error: room.DiskFull | room.WriteFailed) -> RenderOutcome:
    """Return the outcome of a job whose pictures have no place."""
    return RenderOutcome(
        ok=False,
        error_code=room.code_of(error),
        error=str(error),
    )


def _place_for(job: _Job, folder: Path, wanted: str) -> str:
    """Make a folder for one more picture, and return the path that Blender has for it; "" for none."""
    if not wanted:
        return ""
    folder.mkdir(parents=True)
    staged = folder / Path(wanted).name
    job.places[staged] = Path(wanted)
    return str(staged)


def _numbers(spec: RenderSpec) -> Iterator[int]:
    yield from spec.only_frames or range(1, spec.frames + 1)


def _linked(source: Path, target: Path) -> Path:
    """Lay a file somewhere else; by a copy where no link is possible. Raises OSError."""
    target.parent.mkdir()
    try:
        os.link(source.resolve(), target)
    except OSError:
        shutil.copyfile(source, target)
    return target


def _give(job: _Job, source: Path, target: Path) -> None:
    """Lay a copy of a frame that is there already where Blender looks for it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):
        shutil.copyfile(source, target)
        job.given[target] = target.stat().st_ino


def _is_own_file(path: Path) -> bool:
    """Whether there is a file of its own: what is no link can be nobody else's."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _move(source: Path, target: Path) -> None:
    """Move a file to a folder that is there, so that it is whole or not there. Raises OSError."""
    try:
        source.replace(target)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        part = target.with_name(f".{target.name}.{os.getpid()}.part")
        try:
            shutil.copyfile(source, part, follow_symlinks=False)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
        source.unlink()
