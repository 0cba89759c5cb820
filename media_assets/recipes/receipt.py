"""The receipt of a derived file: how it was really made. One list of what it holds and how each value travels.

A new field is one line of `Receipt`: where a renderer reports it, whether files derived from a master take it over, how
a film combines it from its frames, whether it is embedded in the file, and how it is shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from statistics import median
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


@dataclass(frozen=True)
class Travel:
    """How one field of a receipt travels."""

    outcome: str = ""  # what a renderer's outcome calls it; "" where no renderer reports it
    copied: bool = False  # from a render master to the files that are made of it
    embedded: bool = False  # into the delivered file
    frames: Callable[[Sequence[Any]], Any] | None = None  # of a film, from those of its frames in order
    usual: bool = False  # of a film, that of the frame that represents most of them
    label: str | Promise = ""  # its row on the asset's page, with *words* around the value
    words: str | Promise = "{}"


def told(default: Any = None, **travel: Any) -> Any:
    """Return a field of a receipt that travels so."""
    return field(default=default, metadata={"travel": Travel(**travel)})


def _any(values: Sequence[Any]) -> bool:
    return any(values)


def _most(values: Sequence[Any]) -> Any:
    return max((value for value in values if value is not None), default=None)


def summed(values: Sequence[Mapping[str, float] | None]) -> dict[str, float]:
    """Return the seconds of each stage over all frames."""
    total: Counter[str] = Counter()
    for value in values:
        total.update(value or {})
    return {stage: round(spent, 3) for stage, spent in total.items()}


def _once(values: Sequence[Sequence[Mapping[str, str]]]) -> tuple[dict[str, str], ...]:
    """Return what looks wrong in a film: each thing once, as the first frame that has it says it."""
    first: dict[str, tuple[int, str]] = {}
    count: Counter[str] = Counter()
    for number, warnings in enumerate(values, start=1):
        for warning in warnings:
            first.setdefault(warning["code"], (number, warning["text"]))
            count[warning["code"]] += 1
    words = _("In {count} of {total} frames, from frame {number} on: {text}")
    return tuple(
        {
            "code": code,
            "text": words.format(count=count[code], total=len(values), number=number, text=text),
        }
        for code, (number, text) in first.items()
    )


@dataclass(frozen=True)
class Receipt:
    """How a file was made; None where unknown. Seconds by stage, sizes in bytes, memory in MB."""

    device_used: str | None = told(outcome="device", copied=True, embedded=True, usual=True)
    compute_type: str | None = told(outcome="compute_type", copied=True, embedded=True, usual=True)
    device_name: str | None = told(outcome="device_name", copied=True, embedded=True, usual=True)
    device_id: str | None = told(outcome="device_id", copied=True, embedded=True, usual=True)
    device_proof: str | None = told(outcome="device_proof", copied=True, embedded=True, usual=True)
    gpu_fallback: bool | None = told(copied=True, embedded=True, frames=_any)
    blender_version: str | None = told(outcome="blender_version", copied=True, embedded=True, usual=True)
    samples: int | None = told(outcome="samples", copied=True, embedded=True, usual=True)
    geometry_hit: bool | None = told(outcome="geometry_hit")
    peak_mb: float | None = told(
        outcome="peak_mb", frames=_most, label=gettext_lazy("Memory"), words=gettext_lazy("up to {:,.0f} MB")
    )
    seconds: Mapping[str, float] | None = told(outcome="seconds", copied=True, frames=summed)
    warnings: Sequence[Mapping[str, str]] = told((), copied=True, frames=_once)
    # Of a film alone.
    frames: int | None = told(copied=True)
    devices: Mapping[str, int] | None = told(copied=True)
    seconds_per_frame: Mapping[str, float] | None = told()
    # Of a file that was made of a master.
    master: int | None = told()
    master_key: str | None = told()
    master_bytes: int | None = told()
    png_bytes: int | None = told()
    quality: int | None = told(
        label=gettext_lazy("Quality"),
        words=gettext_lazy("lowered to {}, so that the file stays below its limit"),
    )
    facts: Mapping[str, Any] | None = told()
    measured: Mapping[str, Any] | None = told()  # in a file of a kind that has its own gate
    # Of geometry and of kept documents.
    tools: Mapping[str, str] | None = told()
    report: str | None = told()
    learned: Mapping[str, Any] | None = told()
    drawing: Mapping[str, Any] | None = told()  # how lines were found, and how many the depths corrected
    section: Mapping[str, Any] | None = told()  # what was cut, in mm and mm2, and how

    @classmethod
    def travels(cls) -> Iterator[tuple[str, Travel]]:
        """Yield each field's name and how it travels."""
        for one in fields(cls):
            yield one.name, one.metadata["travel"]

    def to_json(self) -> dict[str, Any]:
        """Return the known values as JSON."""
        values = {name: getattr(self, name) for name, _travel in self.travels()}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in values.items()
            if value is not None and value != ()
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Return a stored receipt; fields of another version that this one does not know are left out."""
        known: dict[str, Any] = {}
        for name, _travel in cls.travels():
            if (value := document.get(name)) is not None:
                known[name] = tuple(value) if isinstance(value, list) else value
        return cls(**known)

    @classmethod
    def of_outcome(cls, outcome: object, **own: Any) -> Self:
        """Return the receipt of a renderer's *outcome*, joined by the caller's *own* values."""
        heard = {name: getattr(outcome, travel.outcome) for name, travel in cls.travels() if travel.outcome}
        return cls(**{**heard, **own})

    @classmethod
    def of_frames(cls, made: Sequence[Self]) -> Self:
        """Return how a film was made, from how its frames were: the device of most of them, all that took part, sums.

        It counts as rendered on a GPU if all of it was, and as a fallback if any of it was.
        """
        main_device = "CPU" if any(one.device_used == "CPU" for one in made) else "GPU"
        alike = [one for one in made if one.device_used == main_device]
        name = Counter(one.device_name for one in alike).most_common(1)[0][0]
        main = next(one for one in alike if one.device_name == name)
        each = [(one.seconds or {}).get("total", 0.0) for one in made]
        devices = Counter(" ".join(filter(None, (one.device_used, one.device_name))) for one in made)
        gathered = {
            field: travel.frames([getattr(one, field) for one in made])
            for field, travel in cls.travels()
            if travel.frames
        }
        return cls(
            **{field: getattr(main, field) for field, travel in cls.travels() if travel.usual},
            **gathered,
            frames=len(made),
            devices=dict(devices.most_common()),
            seconds_per_frame={"least": min(each), "median": round(median(each), 3), "most": max(each)},
        )

    def derived(self, **own: Any) -> Self:
        """Return the receipt of a file that is made of this one's: what it takes over, joined by what is its *own*."""
        taken = {name: getattr(self, name) for name, travel in self.travels() if travel.copied}
        return type(self)(**taken | {name: _joined(taken.get(name), value) for name, value in own.items()})

    def embedded(self) -> dict[str, Any]:
        """Return what the delivered file itself says of how it was made."""
        return {name: getattr(self, name) for name, travel in self.travels() if travel.embedded}

    def shown(self) -> Iterator[tuple[str, str]]:
        """Yield the label and the words of each value that is shown as it is."""
        for name, travel in self.travels():
            if travel.label and (value := getattr(self, name)):
                yield str(travel.label), str(travel.words).format(value)


def _joined(taken: Any, own: Any) -> Any:
    if isinstance(taken, Mapping) and isinstance(own, Mapping):
        return {**taken, **own}
    if isinstance(taken, tuple) and isinstance(own, tuple):
        return (*taken, *own)
    return own
