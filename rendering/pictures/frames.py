"""The frames of a turntable on the shared media disk, until all are there: each checked, sealed and never half.

They lie in a folder that belongs to the recipe of the film's master alone, so whoever renders it, on whichever host,
goes on where the last one stood.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from django.conf import settings

from blender_scripts.contract import frame_name
from media_assets.recipes import Recipe, recipe_key
from media_assets.storage import sync_folder
from rendering.pictures import gate

KEPT_SECONDS = 7 * 86_400  # of frames that nobody renders any more
NO_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP file can name: equal frames are equal bytes


class DamagedFrame(Exception):
    """Frames {numbers} are not the ones that were checked. They are rendered again."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__((type(self).__doc__ or "").format(numbers=", ".join(map(str, numbers))))
        self.numbers = tuple(numbers)


def root() -> Path:
    return Path(settings.MEDIA_ROOT) / "frames"


@dataclass(frozen=True)
class Frames:
    """Where the frames of one film are: its key, how many it has, their size (px)."""

    key: str
    total: int
    width: int
    height: int

    @classmethod
    def of(cls, master: Recipe) -> Self:
        """Return the frames of the film whose render master has this recipe."""
        return cls(recipe_key(master), master["view"]["frames"], master["width"], master["height"])

    @property
    def folder(self) -> Path:
        return root() / self.key

    def path(self, number: int) -> Path:
        """Return where frame *number*, counted from 1, is or will be."""
        return self.folder / frame_name(number)

    def seal(self, number: int) -> Path:
        """Return the file that says of frame *number* that it was checked, what its bytes are, and how it was made."""
        return self.path(number).with_suffix(".json")

    def missing(self) -> list[int]:
        """Return the numbers of the frames that are not there yet: a look at the folder, not into the files."""
        try:
            names = {entry.name for entry in self.folder.iterdir()}
        except FileNotFoundError:
            names = set()
        numbers = range(1, self.total + 1)
        return [number for number in numbers if not {self.path(number).name, self.seal(number).name} <= names]

    def accept(self, number: int, receipt: Mapping[str, Any], recipe: Recipe) -> None:
        """Check frame *number* by the *recipe* of the master and seal it, with what looks wrong in it.

        Raises GateError, and then the frame is gone; OSError.
        """
        path = self.path(number)
        try:
            concerns = gate.check(path, recipe)
        except gate.GateError:
            self.drop(number)
            raise
        warnings = [concern.to_json() for concern in concerns]
        document = {"sha256": _digest(path), **receipt, "warnings": warnings}
        part = self.seal(number).with_suffix(f".{os.getpid()}.part")
        part.write_text(json.dumps(document))
        part.replace(self.seal(number))

    def has(self, number: int) -> bool:
        """Whether frame *number* is there with the bytes that were checked; what is damaged is deleted."""
        try:
            seal = json.loads(self.seal(number).read_text())
            whole = bool(seal["sha256"] == _digest(self.path(number)))
        except (OSError, ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            self.drop(number)
        return whole

    def drop(self, number: int) -> None:
        """Delete frame *number*, its seal first."""
        self.seal(number).unlink(missing_ok=True)
        self.path(number).unlink(missing_ok=True)

    def receipts(self) -> list[dict[str, Any]]:
        """Return how each frame was made, in order. Raises DamagedFrame when one of them is not there."""
        found, bad = [], []
        for number in range(1, self.total + 1):
            try:
                found.append(json.loads(self.seal(number).read_text()))
            except (OSError, ValueError):
                bad.append(number)
        if bad:
            raise DamagedFrame(bad)
        return found

    def pack(self, target: Path, tick: Callable[[int], None]) -> list[dict[str, Any]]:
        """Write all frames in order to *target*, a ZIP file that is not compressed; return how each was made.

        The same frames give the same bytes. *tick* is called with the number of each frame. Raises DamagedFrame; then
        the frames that it names are deleted.
        """
        receipts, bad = self.receipts(), []
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for number, receipt in enumerate(receipts, start=1):
                tick(number)
                try:
                    content = self.path(number).read_bytes()
                except FileNotFoundError:
                    content = b""
                if hashlib.sha256(content).hexdigest() != receipt.get("sha256"):
                    bad.append(number)
                    continue
                entry = zipfile.ZipInfo(frame_name(number), NO_DATE)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content)
        for number in bad:
            self.drop(number)
        if bad:
            raise DamagedFrame(bad)
        return receipts

    def forget(self, before: datetime) -> None:
        """Delete what was made before this moment: somebody wants it made again."""
        for number in range(1, self.total + 1):
            try:
                is_old = self.seal(number).stat().st_mtime < before.timestamp()
            except OSError:
                continue
            if is_old:
                self.drop(number)

    def make_folder(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        sync_folder(root())

    def remove(self) -> None:
        """Delete all frames: the master has them."""
        shutil.rmtree(self.folder, ignore_errors=True)


def newest(key: str) -> Path | None:
    """Return the frame of this film that was sealed last; None when there is none."""
    try:
        seals = [
            (entry.stat().st_mtime_ns, entry.path)
            for entry in os.scandir(root() / key)
            if entry.name.endswith(".json")
        ]
    except OSError:
        return None
    return Path(max(seals)[1]).with_suffix(".png") if seals else None


def sweep(live: Callable[[], set[str]]) -> int:
    """Delete folders in which nothing was written for a week, except those of *live* keys; return how many."""
    try:
        folders = [(entry.name, Path(entry.path)) for entry in os.scandir(root()) if entry.is_dir()]
    except FileNotFoundError:
        return 0
    line = time.time() - KEPT_SECONDS
    old = [(name, path) for name, path in folders if path.stat().st_mtime < line]
    if not old:
        return 0
    wanted = live()
    swept = [path for name, path in old if name not in wanted]
    for path in swept:
        shutil.rmtree(path, ignore_errors=True)
    return len(swept)


def _digest(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
