"""Numbers as the reader writes them: 1,234.5 is 1.234,5 in German."""

from __future__ import annotations

from typing import Any

from django.utils.formats import get_format


def local(number: str) -> str:
    """Return a number that Python has formatted, with the separators of the reader's language."""
    return number.translate(
        {ord(","): get_format("THOUSAND_SEPARATOR"), ord("."): get_format("DECIMAL_SEPARATOR")}
    )


def grouped(number: float) -> str:
    """Return a number with its thousands apart."""
    return local(f"{number:,}")


class _Number:
    def __init__(self, value: float) -> None:
        self.value = value

    def __format__(self, form: str) -> str:
        return local(format(self.value, form))


def numbered(named: dict[str, Any]) -> dict[str, Any]:
    """Return what a text is to be formatted with, so that its {count:,} and {seconds:.1f} are in the reader's way."""
    return {
        name: _Number(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else value
        for name, value in named.items()
    }


def say(text: str, **named: Any) -> str:
    """Return *text* with these values, numbers in the reader's way."""
    return text.format_map(numbered(named))
