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
from django.utils.text import get_text_list
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as _

from media_assets.formats import cad
from media_assets.models import CadFile, numbers
from rendering.models.sentence import Sentence

UNKNOWN = _("Its parts and size are not known: {reason}")
READ_FIRST = Sentence.of(_("Its CAD file is read first."))


class StepKind(TextChoices):
    """What a step makes."""

    CONVERT = "convert", gettext_lazy("Convert (GLB geometry)")
    USD = "usd", gettext_lazy("USD master")
    OUTPUT = "output", gettext_lazy("Picture or film")


class When(TextChoices):
    """For which CAD files of a product a step runs."""

    ALWAYS = "always", gettext_lazy("Always")
    FIRST = "first", gettext_lazy("Only for a product's first CAD file")
    REVISION = "revision", gettext_lazy("Only for a new revision of a product")


class Structure(TextChoices):
    """What the CAD file holds."""

    ANY = "", gettext_lazy("Anything")
    ASSEMBLY = "assembly", gettext_lazy("Only assemblies (several placed parts)")
    PART = "part", gettext_lazy("Only single parts")


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
    unreadable: Sentence | None = None  # why nobody will ever know parts and size

    @classmethod
    def of(cls, cad: CadFile, number: str, *, is_first: bool, unreadable: Sentence | None = None) -> Self:
        """Return the facts of a CAD file; parts and size only of one that has been read as it is to be read now."""
        is_read = cad.state == CadFile.State.READY
        size = max(cad.size_mm) if is_read and cad.size_mm else None
        instances = cad.instances if is_read else None
        if is_read and (size is None or instances is None):
            unreadable = Sentence.of(_("Its conversion found no shape with a size."))
        return cls(number, cad.format, is_first, instances, size, unreadable)


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
                return gettext("Convert ({tessellation})").format(tessellation=self.tessellation)
            case StepKind.USD:
                return gettext("USD master ({tessellation})").format(tessellation=self.tessellation)
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
        sentences = []
        if self.when == When.FIRST:
            sentences.append(gettext("only a product's first CAD file"))
        if self.when == When.REVISION:
            sentences.append(gettext("only a new revision of a product"))
        if self.numbers:
            sentences.append(
                gettext("only product numbers like {numbers}").format(
                    numbers=get_text_list(patterns(self.numbers))
                )
            )
        if self.formats:
            sentences.append(
                gettext("only {formats} files").format(formats=get_text_list(_labels(self.formats)))
            )
        if self.structure:
            sentences.append(
                gettext("only assemblies")
                if self.structure == Structure.ASSEMBLY
                else gettext("only single parts")
            )
        if self.longest_min is not None or self.longest_max is not None:
            sentences.append(gettext("only if the longest edge is {length}").format(length=self._edges))
        if self.after:
            sentences.append(gettext("only after step {number} succeeded").format(number=self.after))
        return sentences

    @property
    def _edges(self) -> str:
        low, high = self.longest_min, self.longest_max
        if low is None:
            return numbers.say(gettext("at most {high:g} mm"), high=high)
        words = gettext("at least {low:g} mm") if high is None else gettext("{low:g} to {high:g} mm")
        return numbers.say(words, low=low, high=high)


def patterns(text: str) -> list[str]:
    """Return the patterns of a condition on product numbers: separated by commas, * and ? as in file names."""
    return [one for part in text.split(",") if (one := part.strip())]


def _labels(formats: Sequence[str]) -> list[str]:
    return [cad.of(one).label or one for one in formats]


def judge(step: Step, facts: Facts, earlier: StepOutcome | None = None) -> tuple[Verdict, Sentence | None]:
    """Return whether *step* runs for what *facts* say, and why not; *earlier*: the result of step `after`."""
    if reason := _refused(step, facts):
        return Verdict.SKIP, reason
    if step.after and earlier == StepOutcome.FAILED:
        return Verdict.SKIP, Sentence.of(_("Step {number} failed or was canceled."), number=step.after)
    if step.after and earlier == StepOutcome.SKIPPED:
        return Verdict.SKIP, Sentence.of(_("Step {number} was skipped."), number=step.after)
    if step.needs_geometry:
        if facts.unreadable:
            return Verdict.SKIP, Sentence.of(UNKNOWN, reason=facts.unreadable)
        if facts.instances is None or facts.longest is None:
            return Verdict.LATER, READ_FIRST
        if reason := _measured(step, facts.instances, facts.longest):
            return Verdict.SKIP, reason
    if step.after and earlier != StepOutcome.DONE:
        return Verdict.LATER, Sentence.of(_("Step {number} comes first."), number=step.after)
    return Verdict.RUN, None


def _refused(step: Step, facts: Facts) -> Sentence | None:
    """Why a step does not run, by what is known before the CAD file is read; None when nothing speaks against it."""
    if step.when == When.FIRST and not facts.is_first:
        return Sentence.of(_("This is not the product's first CAD file."))
    if step.when == When.REVISION and facts.is_first:
        return Sentence.of(_("This is the product's first CAD file, not a revision."))
    wanted = patterns(step.numbers)
    if wanted and not any(re.match(translate(one.lower()), facts.number.lower()) for one in wanted):
        return Sentence.of(_("The product number is not like {patterns}."), patterns=wanted)
    if step.formats and facts.format not in step.formats:
        (label,), wants = _labels([facts.format]), _labels(step.formats)
        given = label or Sentence.of(_("unknown"))
        return Sentence.of(_("The CAD file is {format}, not {wants}."), format=given, wants=wants)
    return None


def _measured(step: Step, instances: int, longest: float) -> Sentence | None:
    """Why a step does not run, by parts and size (mm); None when nothing speaks against it."""
    if step.structure == Structure.ASSEMBLY and instances < 2:
        return Sentence.of(_("It is a single part, not an assembly."))
    if step.structure == Structure.PART and instances > 1:
        return Sentence.of(_("It is an assembly of {instances:,} placed parts."), instances=instances)
    if step.longest_min is not None and longest < step.longest_min:
        words = _("Its longest edge is {longest:.6g} mm, less than {least:g} mm.")
        return Sentence.of(words, longest=longest, least=step.longest_min)
    if step.longest_max is not None and longest > step.longest_max:
        words = _("Its longest edge is {longest:.6g} mm, more than {most:g} mm.")
        return Sentence.of(words, longest=longest, most=step.longest_max)
    return None


def leads(steps: Sequence[Step], natural: Sequence[int]) -> list[int]:
    """Return what each step's jobs are ahead of their order's priority: earlier steps get their pictures first.

    *natural* is what each would be ahead by alone, as a thumbnail is.
    """
    found: list[int] = []
    for __, own in reversed(list(zip(steps, natural, strict=True))):
        found.append(max(own, found[-1] + 1) if found else own)
    return found[::-1]


def differences(old: Sequence[Step], new: Sequence[Step]) -> list[str]:
    """Return in words what distinguishes two versions' steps; none where they are the same."""
    before = {step.identity: (number, step) for number, step in enumerate(old, 1)}
    after = {step.identity: (number, step) for number, step in enumerate(new, 1)}
    sentences = [
        gettext("Step {number} is new: {makes}{conditions}").format(
            number=number, makes=step.makes, conditions=_in_brackets(step.conditions)
        )
        for identity, (number, step) in after.items()
        if identity not in before
    ]
    sentences += [
        gettext("Step {number} was removed: {makes}").format(number=number, makes=step.makes)
        for identity, (number, step) in before.items()
        if identity not in after
    ]
    kept = [identity for identity in before if identity in after]
    if sorted(kept, key=lambda one: before[one][0]) != sorted(kept, key=lambda one: after[one][0]):
        sentences.append(
            gettext("New order of the steps: {steps}").format(steps=", ".join(step.makes for step in new))
        )
    for identity in kept:
        was, now = before[identity][1], after[identity][1]
        sentences += [f"{now.makes}: {one}" for one in now.conditions if one not in was.conditions]
        sentences += [
            gettext("{makes}: no longer {one}").format(makes=now.makes, one=one)
            for one in was.conditions
            if one not in now.conditions
        ]
    return sentences


def _in_brackets(words: Sequence[str]) -> str:
    return f" ({'; '.join(words)})" if words else ""
