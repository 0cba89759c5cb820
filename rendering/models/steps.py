"""The steps of a workflow as plain values: what each makes, its conditions, and how a CAD file meets them.

A step whose condition is not met is skipped, always with a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from fnmatch import translate
from typing import Any, Self

from django.db.models import TextChoices

from media_assets.formats import cad


class StepKind(TextChoices):
    """What a step makes."""

    CONVERT = "convert", "Convert (GLB geometry)"
    USD = "usd", "USD master"
    OUTPUT = "output", "Picture or film"


class When(TextChoices):
    """For which CAD files of a product a step runs."""

    ALWAYS = "always", "Always"
    FIRST = "first", "Only for a product's first CAD file"
    REVISION = "revision", "Only for a new revision of a product"


class Structure(TextChoices):
    """What the CAD file holds."""

    ANY = "", "Anything"
    ASSEMBLY = "assembly", "Only assemblies (several placed parts)"
    PART = "part", "Only single parts"


class Verdict(StrEnum):
    RUN = "run"
    SKIP = "skip"
    LATER = "later"  # what it depends on is not known yet


class StepOutcome(StrEnum):
    """The result of an earlier step, for one product."""

    OPEN = "open"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Facts:
    """What conditions look at. Parts and size (mm) are None until the CAD file has been read."""

    number: str
    format: str
    is_first: bool
    instances: int | None = None
    longest: float | None = None
    unreadable: str = ""  # why nobody will ever know parts and size


@dataclass(frozen=True)
class Step:
    """One step: what it makes, and when. *after* is the number (from 1) of an earlier step that must succeed first."""

    kind: str
    output_type: int | None = None
    slug: str = ""
    name: str = ""
    tessellation: str = "standard"
    when: str = When.ALWAYS.value
    numbers: str = ""
    formats: tuple[str, ...] = ()
    structure: str = ""
    longest_min: float | None = None
    longest_max: float | None = None
    after: int | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "formats": list(self.formats)}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        return cls(**{**document, "formats": tuple(document["formats"])})

    @property
    def makes(self) -> str:
        """What the step makes, in words."""
        match self.kind:
            case StepKind.CONVERT:
                return f"Convert ({self.tessellation})"
            case StepKind.USD:
                return f"USD master ({self.tessellation})"
        return self.name or self.slug

    @property
    def identity(self) -> tuple[str, object]:
        """What makes it the same step in another version, whatever its place and conditions."""
        return self.kind, self.output_type if self.kind == StepKind.OUTPUT else self.tessellation

    @property
    def needs_geometry(self) -> bool:
        """Whether its conditions can only be judged once the CAD file has been read."""
        return bool(self.structure) or self.longest_min is not None or self.longest_max is not None

    @property
    def conditions(self) -> list[str]:
        """Its conditions in words; none: it always runs."""
        told = []
        if self.when == When.FIRST:
            told.append("only a product's first CAD file")
        if self.when == When.REVISION:
            told.append("only a new revision of a product")
        if self.numbers:
            told.append(f"only product numbers like {' or '.join(patterns(self.numbers))}")
        if self.formats:
            told.append(f"only {' or '.join(cad.of(one).label or one for one in self.formats)} files")
        if self.structure:
            told.append("only assemblies" if self.structure == Structure.ASSEMBLY else "only single parts")
        if self.longest_min is not None or self.longest_max is not None:
            told.append(f"only if the longest edge is {self._edges}")
        if self.after:
            told.append(f"only after step {self.after} succeeded")
        return told

    @property
    def _edges(self) -> str:
        low, high = self.longest_min, self.longest_max
        if low is None:
            return f"at most {high:g} mm"
        return f"at least {low:g} mm" if high is None else f"{low:g} to {high:g} mm"


def patterns(text: str) -> list[str]:
    """Return the patterns of a condition on product numbers: separated by commas, * and ? as in file names."""
    return [one for part in text.split(",") if (one := part.strip())]


def judge(step: Step, facts: Facts, earlier: StepOutcome | None = None) -> tuple[Verdict, str]:
    """Return whether *step* runs for what *facts* say, and why not; *earlier*: the result of step `after`."""
    if reason := _refused(step, facts):
        return Verdict.SKIP, reason
    if step.after and earlier in (StepOutcome.FAILED, StepOutcome.SKIPPED):
        what = "failed or was canceled" if earlier == StepOutcome.FAILED else "was skipped"
        return Verdict.SKIP, f"Step {step.after} {what}."
    if step.needs_geometry:
        if facts.unreadable:
            return Verdict.SKIP, f"Its parts and size are not known: {facts.unreadable}"
        if facts.instances is None or facts.longest is None:
            return Verdict.LATER, "Its CAD file is read first."
        if reason := _measured(step, facts.instances, facts.longest):
            return Verdict.SKIP, reason
    if step.after and earlier != StepOutcome.DONE:
        return Verdict.LATER, f"Step {step.after} comes first."
    return Verdict.RUN, ""


def _refused(step: Step, facts: Facts) -> str:
    """Why a step does not run, by what is known before the CAD file is read; "" when nothing speaks against it."""
    if step.when == When.FIRST and not facts.is_first:
        return "This is not the product's first CAD file."
    if step.when == When.REVISION and facts.is_first:
        return "This is the product's first CAD file, no revision."
    wanted = patterns(step.numbers)
    if wanted and not any(re.match(translate(one.lower()), facts.number.lower()) for one in wanted):
        return f"The product number is not like {' or '.join(wanted)}."
    if step.formats and facts.format not in step.formats:
        wants = " or ".join(cad.of(one).label or one for one in step.formats)
        return f"The CAD file is {cad.of(facts.format).label or facts.format or 'unknown'}, not {wants}."
    return ""


def _measured(step: Step, instances: int, longest: float) -> str:
    """Why a step does not run, by parts and size (mm); "" when nothing speaks against it."""
    if step.structure == Structure.ASSEMBLY and instances < 2:
        return "It is a single part, no assembly."
    if step.structure == Structure.PART and instances > 1:
        return f"It is an assembly of {instances:,} placed parts."
    if step.longest_min is not None and longest < step.longest_min:
        return f"Its longest edge is {longest:.6g} mm, less than {step.longest_min:g} mm."
    if step.longest_max is not None and longest > step.longest_max:
        return f"Its longest edge is {longest:.6g} mm, more than {step.longest_max:g} mm."
    return ""


def leads(steps: Sequence[Step], natural: Sequence[int]) -> list[int]:
    """Return what each step's jobs are ahead of their order's priority: earlier steps get their pictures first.

    *natural* is what each would be ahead by alone, as a thumbnail is.
    """
    found: list[int] = []
    for _, own in reversed(list(zip(steps, natural, strict=True))):
        found.append(max(own, found[-1] + 1) if found else own)
    return found[::-1]


def differences(old: Sequence[Step], new: Sequence[Step]) -> list[str]:
    """Return in words what distinguishes two versions' steps; none where they are the same."""
    before = {step.identity: (number, step) for number, step in enumerate(old, 1)}
    after = {step.identity: (number, step) for number, step in enumerate(new, 1)}
    told = [
        f"Step {number} is new: {step.makes}{_in_brackets(step.conditions)}"
        for identity, (number, step) in after.items()
        if identity not in before
    ]
    told += [
        f"Step {number} is gone: {step.makes}"
        for identity, (number, step) in before.items()
        if identity not in after
    ]
    kept = [identity for identity in before if identity in after]
    if sorted(kept, key=lambda one: before[one][0]) != sorted(kept, key=lambda one: after[one][0]):
        told.append("The order of the steps: " + ", ".join(step.makes for step in new))
    for identity in kept:
        was, now = before[identity][1], after[identity][1]
        told += [f"{now.makes}: {one}" for one in now.conditions if one not in was.conditions]
        told += [f"{now.makes}: no longer {one}" for one in was.conditions if one not in now.conditions]
    return told


def _in_brackets(words: Sequence[str]) -> str:
    return f" ({'; '.join(words)})" if words else ""
