"""Text from untrusted files, made safe to show."""

from __future__ import annotations

from typing import Any


def visible(text: str) -> str:
    """Return *text* with a blank for what can't be seen, and no more than one blank in a row."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())


def spelled(word: str) -> str:
    """Return a unit or a measure as it is written now; reports keep the spelling that they were stored with."""
    return word.replace("metre", "meter").replace("centre", "center")


def size_mm(size: Any) -> str:
    """Return [x, y, z] in mm as people write it."""
    if not isinstance(size, (list, tuple)) or not all(isinstance(edge, (int, float)) for edge in size):
        return ""
    return " × ".join(f"{edge:.4g}" for edge in size)
