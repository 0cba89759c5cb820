"""Watches the seals of turntable frames while an installation works: a sealed frame is never rendered again."""

from __future__ import annotations

import threading
from collections import defaultdict
from contextlib import suppress
from pathlib import Path

LOOK_SECONDS = 0.05


class SealWatch:
    """A thread that remembers each seal that it sees, by film and frame."""

    def __init__(self, media: Path) -> None:
        self.folder = media / "frames"
        self.seen: dict[tuple[str, str], list[str]] = defaultdict(list)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        while not self.stopped.wait(LOOK_SECONDS):
            with suppress(OSError):
                self.look()

    def look(self) -> None:
        """Remember the seals that are there now."""
        for film in self.folder.iterdir():
            for seal in film.glob("*.json"):
                with suppress(OSError):
                    words = seal.read_text()
                    known = self.seen[film.name, seal.name]
                    if words and words not in known:
                        known.append(words)

    def stop(self) -> dict[str, dict[str, int]]:
        """Return how often each frame was sealed, by film."""
        self.stopped.set()
        self.thread.join()
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for (film, seal), words in self.seen.items():
            found[film][seal] = len(words)
        return dict(found)
