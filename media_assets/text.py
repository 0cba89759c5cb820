"""Words from strangers, made fit to be shown."""

from __future__ import annotations


def visible(text: str) -> str:
    """Return *text* with a blank for what can't be seen, and no more than one blank in a row."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
