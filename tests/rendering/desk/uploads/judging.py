"""How one hostile upload ended, and what should not have been."""

from __future__ import annotations

import hashlib
import html
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

LEFT = "left"
"""Of a client that leaves before its request is whole: nobody hears an answer."""

_WORDS = re.compile(r"<h1>(.*?)</h1>\s*<p>(.*?)</p>", re.DOTALL)


@dataclass(frozen=True)
class Ending:
    """``kind`` is accepted, kept with an error, refused, form, not understood, or LEFT; *wrong*: what must not be."""

    family: str
    what: str
    kind: str
    seconds: float
    wrong: str = ""


def judged(family: str, what: str, status: int, body: bytes, seconds: float) -> Ending:
    """Return the ending that an answer stands for."""
    text = body.decode("utf-8", "replace")
    kind, words = _told(status, text)
    wrong = ""
    if status >= 500 or not kind:
        wrong = f"answered {status}: {text[:300]}"
    elif len(words.split()) < 4 or not words.rstrip().endswith((".", "!", "?")):
        wrong = f"no clear words: {words!r}"
    elif "Traceback" in text or "\x00" in words:
        wrong = f"words of a program: {words[:300]!r}"
    return Ending(family, what, kind or str(status), seconds, wrong)


def _told(status: int, text: str) -> tuple[str, str]:
    """Return the kind of an answer and its words; "" for one that is none of ours."""
    try:
        answer = json.loads(text)
    except ValueError:
        page = _WORDS.search(text)
        return ("not understood", html.unescape(page[2].strip())) if page and status == 400 else ("", "")
    if status == 400:
        return "form", answer["text"]
    if status != 200:
        return "", ""
    kind = "accepted" if answer["is_good"] else "kept with an error" if answer["is_kept"] else "refused"
    return kind, answer["text"]


def misplaced(media: Path) -> list[str]:
    """Return what of the media is not a file under the name of its content."""
    found = []
    for path in media.rglob("*"):
        name = str(path.relative_to(media))
        if path.is_symlink() or not (path.is_dir() or path.is_file()):
            found.append(name)
        elif path.is_file():
            sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            if name.partition("/")[2] != f"{sha256[:2]}/{sha256}{path.suffix}":
                found.append(name)
    return found


def escaped(*folders: Path) -> list[str]:
    """Return what a packed file has written by its own path, in or above these folders, or where the paths point."""
    places = {place for folder in folders for place in (folder, *folder.parents, Path("/tmp"))}
    return [str(path) for place in places for path in place.glob("*ESCAPED*")]


def table(found: list[Ending]) -> str:
    """Return how many of each family ended in which way."""
    kinds = [kind for kind, _ in Counter(one.kind for one in found).most_common()]
    lines = [f"{'':14}" + "".join(f"{kind:>20}" for kind in kinds)]
    for family in [*dict.fromkeys(one.family for one in found), "all"]:
        row = Counter(one.kind for one in found if family in (one.family, "all"))
        lines.append(f"{family:14}" + "".join(f"{row[kind]:20}" for kind in kinds))
    slowest = max(found, key=lambda one: one.seconds)
    lines.append(f"The slowest answer took {slowest.seconds:.1f} s ({slowest.family}: {slowest.what}).")
    return "\n".join(lines)
