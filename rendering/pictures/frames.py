"""The frames of a turntable on the shared media disk, until all are there: each checked, sealed and never half.

They lie in a folder that belongs to the recipe of the film's master alone, so whoever renders it, on whichever host,
goes on where the last one stood.
"""

from __future__ import annotations

import hashlib
import json
import time
import zipfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from blender_scripts.contract import frame_name
from media_assets.recipes import Recipe, recipe_key
from media_assets.recipes.receipt import Receipt
from media_assets.storage import SharedFile, SharedFolder, StorageAway, digest, media_place, require_media
from rendering.pictures import gate

ROOT = SharedFolder("frames")
NO_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a ZIP file can name: equal frames are equal bytes


class DamagedFrame(Exception):
    """Frames {numbers} are not the ones that were checked. They are rendered again."""

    def __init__(self, numbers: Sequence[int]) -> None:
        super().__init__((type(self).__doc__ or "").format(numbers=", ".join(map(str, numbers))))
        self.numbers = tuple(numbers)


@dataclass(frozen=True)
class FrameSeal:
    """What was sealed of a frame that was checked: the SHA-256 of its bytes, and how it was made."""

    sha256: str
    receipt: Receipt


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
    def folder(self) -> SharedFolder:
        return ROOT.folder(self.key)

    def frame(self, number: int) -> SharedFile:
        """Return the file of frame *number*, counted from 1, which is there or will be."""
        return self.folder.file(frame_name(number))

    def seal(self, number: int) -> SharedFile:
        """Return the file that says of frame *number* that it was checked, what its bytes are, and how it was made."""
        return self.folder.file(f"{Path(frame_name(number)).stem}.json")

    def missing(self) -> list[int]:
        """Return the numbers of the frames that are not there yet: a look at the folder, not into the files."""
        names = self.folder.names()
        numbers = range(1, self.total + 1)
        return [
            number for number in numbers if not {self.frame(number).name, self.seal(number).name} <= names
        ]

    def accept(self, number: int, receipt: Receipt, recipe: Recipe) -> None:
        """Check frame *number* by the *recipe* of the master and seal it, with what looks wrong in it.

        Raises GateError, and then the frame is gone; StorageAway where it is not where it was written; OSError.
        """
        try:
            with self.frame(number).local() as path:
                concerns = gate.check(path, recipe)
                with path.open("rb") as stream:
                    sha256, _ = digest(stream)
            warnings = [concern.to_json() for concern in concerns]
            document = {"sha256": sha256, **receipt.to_json(), "warnings": warnings}
            self.seal(number).write(json.dumps(document).encode())
        except gate.GateError:
            self.drop(number)
            raise
        except FileNotFoundError as error:
            raise _away(error) from error

    def has(self, number: int) -> bool:
        """Whether frame *number* is there with the bytes that were checked; what is damaged is deleted.

        Raises StorageAway, StorageReadOnly.
        """
        try:
            seal = json.loads(self.seal(number).read())
            whole = bool(seal["sha256"] == self.frame(number).sha256())
        except OSError:
            require_media()
            whole = False
        except (ValueError, KeyError, TypeError):
            whole = False
        if not whole:
            self.drop(number)
        return whole

    def drop(self, number: int) -> None:
        """Delete frame *number*, its seal first."""
        self.seal(number).delete()
        self.frame(number).delete()

    def seals(self) -> list[FrameSeal]:
        """Return what was sealed of each frame, in order.

        Raises DamagedFrame when one of them is not there; StorageAway, StorageReadOnly.
        """
        found, bad = [], []
        for number in range(1, self.total + 1):
            try:
                document = json.loads(self.seal(number).read())
                found.append(FrameSeal(document["sha256"], Receipt.from_json(document)))
            except OSError:
                require_media()
                bad.append(number)
            except (ValueError, KeyError, TypeError):
                bad.append(number)
        if bad:
            raise DamagedFrame(bad)
        return found

    def pack(self, target: Path, tick: Callable[[int], None]) -> list[FrameSeal]:
        """Write all frames in order to *target*, a ZIP file that is not compressed; return how each was made.

        The same frames give the same bytes. *tick* is called with the number of each frame. Raises DamagedFrame, and
        then the frames that it names are deleted; StorageAway; OSError.
        """
        seals, bad = self.seals(), []
        with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
            for number, seal in enumerate(seals, start=1):
                tick(number)
                try:
                    content = self.frame(number).read()
                except FileNotFoundError:
                    require_media()
                    content = b""
                if hashlib.sha256(content).hexdigest() != seal.sha256:
                    bad.append(number)
                    continue
                entry = zipfile.ZipInfo(frame_name(number), NO_DATE)
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, content)
        for number in bad:
            self.drop(number)
        if bad:
            raise DamagedFrame(bad)
        return seals

    def forget(self, before: datetime) -> None:
        """Delete what was made before this moment: somebody wants it made again."""
        for number in range(1, self.total + 1):
            try:
                is_old = self.seal(number).modified_ns() < before.timestamp() * 1e9
            except OSError:
                continue
            if is_old:
                self.drop(number)

    def make_folder(self) -> None:
        self.folder.make()

    def remove(self) -> None:
        """Delete all frames: the master has them."""
        self.folder.remove()


def _away(error: OSError) -> StorageAway:
    return StorageAway(media_place(), error.strerror or str(error))


def newest(key: str) -> SharedFile | None:
    """Return the frame of this film that was sealed last; None when there is none."""
    folder = ROOT.folder(key)
    try:
        seals = [(one.modified_ns, one.name) for one in folder.entries(".json")]
    except OSError:
        return None
    return folder.file(f"{Path(max(seals)[1]).stem}.png") if seals else None


@dataclass(frozen=True)
class Unfinished:
    """The frames of a film that lie in their folder, because it was never gathered: their bytes, when last written."""

    key: str
    bytes: int
    written: datetime

    @property
    def folder(self) -> SharedFolder:
        return ROOT.folder(self.key)

    @property
    def seconds(self) -> float:
        """What rendering the sealed ones took (s), by their receipts."""
        spent = 0.0
        for one in self.folder.entries(".json"):
            with suppress(OSError, ValueError, AttributeError):
                document = json.loads(self.folder.file(one.name).read())
                spent += float((document.get("seconds") or {}).get("total", 0.0))
        return round(spent, 3)


def unfinished() -> list[Unfinished]:
    """Return the films whose frames have not been gathered yet, those that are being rendered included."""
    found = []
    for one in ROOT.entries():
        if one.is_folder:
            inside = ROOT.folder(one.name).entries()
            written = max([one.modified_ns, *(file.modified_ns for file in inside)])
            size = sum(file.bytes for file in inside)
            found.append(Unfinished(one.name, size, datetime.fromtimestamp(written / 1e9, UTC)))
    return found


def sweep(live: Callable[[], set[str]], gathered: Callable[[set[str]], set[str]], days: int | None) -> int:
    """Delete the folders of *gathered* keys, and those in which nothing was written for so many days (None: any).

    Those of *live* keys stay. Return how many were deleted.
    """
    found = {one.name: one.modified_ns for one in ROOT.entries() if one.is_folder}
    if not found:
        return 0
    over = gathered(set(found))
    if days is not None:
        line = (time.time() - days * 86_400) * 1e9
        over |= {name for name, modified_ns in found.items() if modified_ns < line}
    swept = over - live() if over else over
    for name in swept:
        ROOT.folder(name).remove()
    return len(swept)
