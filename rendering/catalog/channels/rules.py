"""The rules that a channel can have: each judges one measured file, and says with the figure why it refuses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from media_assets.models import numbers
from rendering.catalog.channels.facts import PictureFacts


class BadRule(ValueError):
    """A value that a rule can't have; the message says what to write."""


@dataclass(frozen=True)
class Judged:
    """One file of a channel: what was measured, what it is called there, and what the product is called elsewhere."""

    facts: PictureFacts
    name: str
    identifiers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleKind:
    """One kind of rule: its label and unit (marked for translation), an example of its value, and how it judges.

    `parse` raises ValueError for a value that it can't have; `judge` returns why a file is refused, "" where it is not.
    """

    label: str
    unit: str
    example: str
    parse: Callable[[str], object]
    judge: Callable[[str, Judged], str]


def _number(text: str) -> float:
    value = float(text)
    if not 0 <= value < 1e12:
        raise ValueError
    return value


def _whole(text: str) -> int:
    return int(_number(str(int(text))))


def _size(text: str) -> tuple[int, int]:
    width, height = (int(one) for one in text.lower().split("x"))
    if min(width, height) < 1:
        raise ValueError
    return width, height


def _words(text: str) -> list[str]:
    found = [one.strip().lower() for one in text.split(",") if one.strip()]
    if not found:
        raise ValueError
    return found


def _pattern(text: str) -> re.Pattern[str]:
    if (
        not text or len(text) > 200 or re.search(r"[*+}]\)?[*+{]", text)
    ):  # no nested repeats: they can take hours
        raise ValueError
    try:
        return re.compile(text)
    except re.error as error:
        raise ValueError from error


def _text(text: str) -> str:
    if not text.strip():
        raise ValueError
    return text


def _least(value: float, limit: float, words: str) -> str:
    return numbers.say(words, value=value, limit=limit) if value < limit else ""


def _most(value: float, limit: float, words: str) -> str:
    return numbers.say(words, value=value, limit=limit) if value > limit else ""


def _percent(value: float) -> str:
    """Return a percentage, rounded down to a tenth: 84.96 % is not 85 %."""
    return f"{int(value * 10 + 1e-6) / 10:g}"


def _unknown() -> str:
    return _("where the product ends is not known: nothing of it is opaque")


def _fill_min(text: str, one: Judged) -> str:
    if one.facts.fill is None:
        return _unknown()
    value, limit = 100 * one.facts.fill, _number(text)
    # xgettext:no-python-format
    words = _("fill {value} %, at least {limit:g} % is asked for")
    return words.format(value=_percent(value), limit=limit) if value < limit else ""


def _fill_max(text: str, one: Judged) -> str:
    if one.facts.fill is None:
        return _unknown()
    value, limit = 100 * one.facts.fill, _number(text)
    # xgettext:no-python-format
    words = _("fill {value:.1f} %, at most {limit:g} % is asked for")
    return numbers.say(words, value=value, limit=limit) if value > limit else ""


def _margin(text: str, one: Judged) -> str:
    if one.facts.margins is None:
        return _unknown()
    return _least(
        min(one.facts.margins), _whole(text), _("border {value} px, at least {limit} px is asked for")
    )


def _white(text: str, one: Judged) -> str:
    facts = one.facts
    if facts.has_alpha:
        return _("background is transparent, not white")
    if facts.off_white_px is None:
        return _unknown()
    if facts.off_white_px <= _whole(text):
        return ""
    return _("background is {color} {px} px from the product, white is asked for beyond {limit} px").format(
        color=", ".join(map(str, facts.off_white or ())), px=facts.off_white_px, limit=text
    )


def _exact(text: str, one: Judged) -> str:
    width, height = _size(text)
    if (one.facts.width, one.facts.height) == (width, height):
        return ""
    return _("{width} x {height} px, {wanted} is asked for").format(
        width=one.facts.width, height=one.facts.height, wanted=f"{width} x {height}"
    )


def _format(text: str, one: Judged) -> str:
    if one.facts.format in _words(text):
        return ""
    return _("format {format}, {wanted} is asked for").format(
        format=one.facts.format.upper(), wanted=text.upper()
    )


def _profile(text: str, one: Judged) -> str:
    if text.lower() in one.facts.profile.lower():
        return ""
    return _("color profile {profile}, {wanted} is asked for").format(
        profile=one.facts.profile or _("none"), wanted=text
    )


def _opaque(text: str, one: Judged) -> str:
    return _("the picture has transparency") if one.facts.has_alpha else ""


def _name(text: str, one: Judged) -> str:
    if _pattern(text).fullmatch(one.name[:300]):
        return ""
    return _("the name {name} does not fit {pattern}").format(name=one.name[:80], pattern=text)


def _metadata(text: str, one: Judged) -> str:
    embedded = one.facts.identifiers or {}
    for scheme in _words(text):
        wanted = one.identifiers.get(scheme, "")
        if not embedded.get(scheme):
            return _("the file does not say its {scheme}").format(scheme=scheme.upper())
        if embedded[scheme] != wanted:
            return _("the file says {scheme} {said}, the product has {wanted}").format(
                scheme=scheme.upper(), said=embedded[scheme], wanted=wanted or _("none")
            )
    return ""


def _path(text: str, one: Judged) -> str:
    return "" if one.facts.clipping_path else _("the file has no clipping path")


def _dpi(text: str, one: Judged) -> str:
    return _least(one.facts.dpi or 0, _number(text), _("{value:g} dpi, at least {limit:g} is asked for"))


RULES: dict[str, RuleKind] = {
    "format": RuleKind(gettext_noop("Format"), "", "jpg, png", _words, _format),
    "longest_min": RuleKind(
        gettext_noop("Longest side, least"), "px", "500", _whole,
        lambda text, one: _least(
            max(one.facts.width, one.facts.height), _whole(text),
            _("longest side {value} px, at least {limit} is asked for"),
        ),
    ),
    "longest_max": RuleKind(
        gettext_noop("Longest side, most"), "px", "10000", _whole,
        lambda text, one: _most(
            max(one.facts.width, one.facts.height), _whole(text),
            _("longest side {value} px, at most {limit} is asked for"),
        ),
    ),
    "shortest_min": RuleKind(
        gettext_noop("Shortest side, least"), "px", "500", _whole,
        lambda text, one: _least(
            min(one.facts.width, one.facts.height), _whole(text),
            _("shortest side {value} px, at least {limit} is asked for"),
        ),
    ),
    "size": RuleKind(gettext_noop("Exact size"), "px", "400x400", _size, _exact),
    "megapixels_max": RuleKind(
        gettext_noop("Pixels, most"), "MP", "64", _number,
        lambda text, one: _most(
            one.facts.width * one.facts.height / 1e6, _number(text),
            _("{value:.1f} megapixels, at most {limit:g} are asked for"),
        ),
    ),
    "bytes_max": RuleKind(
        gettext_noop("File size, most"), gettext_noop("bytes"), "10000000", _whole,
        lambda text, one: _most(
            one.facts.bytes, _whole(text), _("{value:,} bytes, at most {limit:,} are asked for")
        ),
    ),
    "fill_min": RuleKind(gettext_noop("Product fills the frame, least"), "%", "85", _number, _fill_min),
    "fill_max": RuleKind(gettext_noop("Product fills the frame, most"), "%", "90", _number, _fill_max),
    "margin_min": RuleKind(gettext_noop("Empty border, least"), "px", "10", _whole, _margin),
    "white_beyond": RuleKind(
        gettext_noop("Background white (255, 255, 255) beyond this distance from the product"), "px", "16",
        _whole, _white,
    ),
    "opaque": RuleKind(gettext_noop("No transparency"), "", "yes", _text, _opaque),
    "profile": RuleKind(gettext_noop("Color profile"), "", "sRGB", _text, _profile),
    "bits": RuleKind(
        gettext_noop("Bits per channel, least"), "", "16", _whole,
        lambda text, one: _least(
            one.facts.bits, _whole(text), _("{value} bits per channel, at least {limit} are asked for")
        ),
    ),
    "dpi_min": RuleKind(gettext_noop("Resolution, least"), "dpi", "300", _number, _dpi),
    "clipping_path": RuleKind(gettext_noop("Clipping path"), "", "yes", _text, _path),
    "name": RuleKind(gettext_noop("File name"), gettext_noop("pattern"), r"[a-z0-9_]+\.jpg", _pattern, _name),
    "metadata": RuleKind(gettext_noop("The file says"), "", "gtin, sku", _words, _metadata),
    "people": RuleKind(
        gettext_noop("For people to check"), "", "No text in the picture", _text, lambda text, one: ""
    ),
}  # fmt: skip
"""By name, in the order of the form. A new rule is a row here, and a migration of the choices."""


def check_value(kind: str, text: str) -> None:
    """Raise BadRule for a value that a rule of this kind can't have."""
    try:
        RULES[kind].parse(text)
    except (ValueError, OverflowError) as error:
        raise BadRule(
            _("“{label}” takes a value such as {example}.").format(
                label=_(RULES[kind].label), example=RULES[kind].example
            )
        ) from error


@dataclass(frozen=True)
class Demand:
    """One rule as a version of a profile keeps it. *code*: only for this output; "": for all."""

    kind: str
    value: str
    code: str = ""

    @property
    def words(self) -> str:
        """The rule in words: what is asked for."""
        kind = RULES[self.kind]
        unit = "" if kind.unit in ("", "pattern") else f" {_(kind.unit)}"
        return f"{_(kind.label)}: {self.value}{unit}"


def refusals(demands: Iterable[Demand], code: str, one: Judged) -> list[str]:
    """Return why a file can't go to a channel, each with its figure; none where it is ready."""
    found = (RULES[rule.kind].judge(rule.value, one) for rule in demands if rule.code in ("", code))
    return [words for words in found if words]
