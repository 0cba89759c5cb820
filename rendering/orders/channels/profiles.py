"""Channel profiles: adding a shipped one, copying one, and keeping each state as a version."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from rendering.catalog.channels import shipped
from rendering.catalog.channels.rules import RULES, Demand
from rendering.models import ChannelOutput, ChannelProfile, ChannelRule, ChannelVersion, OutputType
from rendering.orders.refused import OrderRefused

FIELDS = ("slug", "name", "note", "pattern", "letters", "companion")


def profiles(slugs: Sequence[str]) -> list[ChannelProfile]:
    """Return the profiles with these slugs; OrderRefused names the first that is unknown, and those there are."""
    found = {one.slug: one for one in ChannelProfile.objects.filter(slug__in=slugs)}
    for slug in slugs:
        if slug not in found:
            known = ", ".join(ChannelProfile.objects.values_list("slug", flat=True)) or _("none")
            raise OrderRefused(
                _("There is no channel {slug!r}. There are: {known}.").format(slug=slug, known=known)
            )
    return [found[slug] for slug in dict.fromkeys(slugs)]


def outputs_of(channels: Sequence[ChannelProfile]) -> list[OutputType]:
    """Return the output types of these channels, each once, in their order. OrderRefused: one has none."""
    found: dict[int, OutputType] = {}
    for channel in channels:
        outputs = list(channel.outputs.select_related("output_type"))
        if not outputs:
            raise OrderRefused(
                _("Channel {channel} has no outputs. Add one to its profile.").format(channel=channel.name)
            )
        found |= {one.output_type_id: one.output_type for one in outputs}
    return list(found.values())


def demands(profile: ChannelProfile) -> list[Demand]:
    """Return the rules of a profile as they are now."""
    return [Demand(one.kind, one.value, one.code) for one in profile.rules.all() if one.kind in RULES]


def to_add() -> list[shipped.Shipped]:
    """Return the shipped profiles that are not there."""
    there = set(ChannelProfile.objects.values_list("slug", flat=True))
    return [one for one in shipped.SHIPPED if one.slug not in there]


@transaction.atomic
def add(slug: str, by: str = "") -> ChannelProfile:
    """Add a shipped profile with its output types; those that are there stay as they are. Raises OrderRefused."""
    one = next((one for one in to_add() if one.slug == slug), None)
    if one is None:
        known = ", ".join(one.slug for one in shipped.SHIPPED)
        raise OrderRefused(
            _("Channel {slug!r} is not shipped, or is there already. Shipped are: {known}.").format(
                slug=slug, known=known
            )
        )
    profile = ChannelProfile.objects.create(**{name: getattr(one, name) for name in FIELDS})
    for position, output in enumerate(one.outputs, start=1):
        output_type, is_new = OutputType.objects.get_or_create(
            slug=output.slug, defaults={"name": output.name, **output.fields}
        )
        if is_new:
            output_type.full_clean()
        ChannelOutput.objects.create(
            profile=profile,
            output_type=output_type,
            code=output.code,
            position=position,
            is_required=output.is_required,
        )
    for rule in one.rules:
        read_on = date.fromisoformat(rule.read_on) if rule.read_on else None
        ChannelRule.objects.create(
            profile=profile,
            kind=rule.kind,
            value=rule.value,
            code=rule.code,
            source=rule.source,
            read_on=read_on,
        )
    current(profile, by)
    return profile


@transaction.atomic
def copy(profile: ChannelProfile, by: str = "") -> ChannelProfile:
    """Return a copy of *profile* under a new slug and name, with its outputs and rules."""
    taken = set(ChannelProfile.objects.values_list("slug", flat=True))
    stem = profile.slug[:50]
    slug = next(name for n in range(2, len(taken) + 3) if (name := f"{stem}-{n}") not in taken)
    made = ChannelProfile.objects.create(
        **{name: getattr(profile, name) for name in FIELDS}
        | {"slug": slug, "name": _("{name} (copy)").format(name=profile.name)[:100]}
    )
    rows: list[ChannelOutput | ChannelRule] = [*profile.outputs.all(), *profile.rules.all()]
    for row in rows:
        row.pk, row._state.adding, row.profile = None, True, made
        row.save()
    current(made, by)
    return made


@transaction.atomic
def current(profile: ChannelProfile, by: str = "") -> ChannelVersion:
    """Return the version of *profile* as it is now: the newest one, or a new one if anything was changed since."""
    row = ChannelProfile.objects.select_for_update().get(pk=profile.pk)
    now = contents(row)
    newest = row.versions.first()
    if newest and newest.document == now:
        return newest
    number = newest.number + 1 if newest else 1
    return ChannelVersion.objects.create(profile=row, number=number, by=by[:200], document=now)


def contents(profile: ChannelProfile) -> dict[str, Any]:
    """Return what a version keeps of *profile*."""
    return {
        **{name: getattr(profile, name) for name in FIELDS},
        "outputs": [
            {"output_type": one.output_type.slug, "code": one.code, "required": one.is_required}
            for one in profile.outputs.select_related("output_type")
        ],
        "rules": [
            {
                "kind": one.kind,
                "value": one.value,
                "code": one.code,
                "source": one.source,
                "read_on": one.read_on.isoformat() if one.read_on else None,
            }
            for one in profile.rules.all()
        ],
    }


def changes(old: ChannelVersion | None, new: ChannelVersion) -> list[str]:
    """Return in words what *new* changed; none for the first version."""
    if old is None:
        return []
    words = [
        _("{field}: {before} → {after}").format(field=name, before=before, after=after)
        for name in FIELDS
        if (before := old.document.get(name)) != (after := new.document.get(name))
    ]
    for name, shown in (("rules", _rule_words), ("outputs", _output_words)):
        before, after = ([shown(one) for one in row.document.get(name, [])] for row in (old, new))
        words += [_("Added: {what}").format(what=one) for one in after if one not in before]
        words += [_("Removed: {what}").format(what=one) for one in before if one not in after]
    return words or [_("Only the order changed.")]


def _rule_words(rule: dict[str, Any]) -> str:
    known = Demand(rule["kind"], rule["value"], rule["code"])
    text = known.words if rule["kind"] in RULES else f"{rule['kind']}: {rule['value']}"
    source = _("read on {day}").format(day=rule["read_on"]) if rule["read_on"] else _("source not read")
    return f"{text} ({', '.join(filter(None, (rule['code'], source)))})"


def _output_words(output: dict[str, Any]) -> str:
    optional = "" if output["required"] else f" ({_('optional')})"
    return f"{output['code']} {output['output_type']}{optional}".strip()
