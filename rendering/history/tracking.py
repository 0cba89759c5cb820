"""Changes of rows that people edit, seen as they are saved: what each field was, and what it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.auth.models import Group, User
from django.db.models import Field, Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.utils.text import capfirst

from gpu.models import GpuDevice, GpuProbe, SystemSettings
from media_assets.models import CadFile, Product
from rendering.history.entries import Change, Verb, record
from rendering.history.people import is_somebody
from rendering.history.words import NOT_KEPT, host_only, value_words
from rendering.models import (
    Environment,
    Finish,
    MaterialRule,
    Order,
    OutputType,
    ShareLink,
    Webhook,
    Workflow,
)

BEFORE = "_history_before"  # on an instance, between pre_save and post_save


@dataclass(frozen=True)
class Tracked:
    """What of a model is kept. No *fields*: all that forms may edit."""

    fields: tuple[str, ...] | None = None
    made: str = Verb.ADD  # "": a new row is no deed
    is_made_by_people: Callable[[Any], bool] = lambda row: True
    secrets: tuple[str, ...] = ()  # that they changed is said, not what they are
    shorten: Mapping[str, Callable[[str], str]] | None = None


TRACKED: dict[type[Model], Tracked] = {
    OutputType: Tracked(),
    Environment: Tracked(),
    Finish: Tracked(),
    MaterialRule: Tracked(),
    Workflow: Tracked(),
    Product: Tracked(),
    CadFile: Tracked(fields=("code_page", "stated_unit"), made=Verb.UPLOAD),
    Order: Tracked(fields=("due", "note", "tells"), made=""),  # placing it is a deed with a count
    ShareLink: Tracked(fields=("note", "expires"), made=Verb.SHARE),
    Webhook: Tracked(secrets=("secret",), shorten={"url": host_only}),
    SystemSettings: Tracked(made=""),
    GpuDevice: Tracked(fields=("enabled", "serves_heavy", "serves_light", "queue"), made=""),
    GpuProbe: Tracked(
        fields=(), made=Verb.PROBE, is_made_by_people=lambda row: row.trigger in ("operator", "command")
    ),
    User: Tracked(
        fields=(
            *("username", "first_name", "last_name", "email"),
            *("is_active", "is_staff", "is_superuser", "password"),
        ),
        secrets=("password",),
    ),
    Group: Tracked(),
}
SETS = (User.groups, User.user_permissions, Group.permissions)  # many-to-many fields


def connect() -> None:
    """Listen to the saves of all that is tracked. May be called any number of times."""
    for model in TRACKED:
        name = f"rendering.history.{model._meta.label_lower}"
        pre_save.connect(_before, sender=model, dispatch_uid=f"{name}.before")
        post_save.connect(_after, sender=model, dispatch_uid=f"{name}.after")
        post_delete.connect(_deleted, sender=model, dispatch_uid=f"{name}.deleted")
    for one in SETS:
        m2m_changed.connect(_set_changed, sender=one.through, dispatch_uid=f"rendering.history.{one.field}")
    post_save.connect(_logged, sender=LogEntry, dispatch_uid="rendering.history.logged")


def fields_of(model: type[Model]) -> list[Field[Any, Any]]:
    """Return the fields of *model* that are kept."""
    named = TRACKED[model].fields
    return [
        one
        for one in model._meta.concrete_fields
        if (one.name in named if named is not None else one.editable and not one.primary_key)
    ]


def _before(*, sender: type[Model], instance: Any, raw: bool, update_fields: Any, **_: Any) -> None:
    """Keep what the row was, where a person is about to change it: one query, and none for workers."""
    instance.__dict__.pop(BEFORE, None)
    if raw or not is_somebody() or instance.pk is None or instance._state.adding:
        return
    missing = instance.get_deferred_fields()
    names = [
        one.attname
        for one in fields_of(sender)
        if one.attname not in missing
        and (update_fields is None or one.name in update_fields or one.attname in update_fields)
    ]
    if names:
        row = sender._base_manager.filter(pk=instance.pk).values(*names).first()
        instance.__dict__[BEFORE] = row or {}


def _after(*, sender: type[Model], instance: Any, created: bool, raw: bool, **_: Any) -> None:
    before = instance.__dict__.pop(BEFORE, {})
    if raw or not is_somebody():
        return
    tracked = TRACKED[sender]
    if created:
        if tracked.made and tracked.is_made_by_people(instance):
            record(tracked.made, [instance, *_opened(instance)])
        return
    if changes := list(_changes(sender, instance, before)):
        record(Verb.CHANGE, instance, changes=changes)


def _opened(instance: Any) -> Iterable[Model]:
    """What a share link opens has it in its history too."""
    return filter(None, [instance.asset, instance.order]) if isinstance(instance, ShareLink) else ()


def _changes(model: type[Model], instance: Any, before: Mapping[str, Any]) -> Iterable[Change]:
    tracked = TRACKED[model]
    for field in fields_of(model):
        if field.attname not in before:
            continue
        old, new = before[field.attname], field.to_python(getattr(instance, field.attname))
        if old == new or (old in (None, "") and new in (None, "")):
            continue
        label = capfirst(str(field.verbose_name))
        if field.name in tracked.secrets:
            yield (label, NOT_KEPT, NOT_KEPT)
            continue
        shorten = (tracked.shorten or {}).get(field.name)
        if shorten:
            yield (label, shorten(old), shorten(new))
        else:
            yield (label, value_words(field, old), value_words(field, new))


def _deleted(*, sender: type[Model], instance: Any, **_: Any) -> None:
    if is_somebody() and TRACKED[sender].made:
        record(Verb.DELETE, instance)


def _set_changed(*, sender: Any, instance: Any, action: str, model: Any, pk_set: Any, **_: Any) -> None:
    """Groups of users, and permissions of both."""
    if action not in ("post_add", "post_remove", "pre_clear") or not is_somebody():
        return
    if action == "pre_clear":
        through = sender._default_manager.filter(**{instance._meta.model_name: instance})
        pk_set = set(through.values_list(model._meta.model_name, flat=True))
    if not pk_set:
        return
    label = capfirst(str(model._meta.verbose_name_plural))
    names = sorted(str(row) for row in model._default_manager.filter(pk__in=pk_set))
    changes = [(label, "", name) if action == "post_add" else (label, name, "") for name in names]
    record(Verb.CHANGE, instance, changes=changes)


def _logged(*, instance: LogEntry, created: bool, **_: Any) -> None:
    """What the admin notes of rows that are not tracked, and in sentences of its own, is kept as well."""
    model = instance.content_type.model_class() if instance.content_type else None
    is_sentence = bool(instance.change_message) and not instance.change_message.startswith("[")
    if not created or model is None or not is_somebody() or (model in TRACKED and not is_sentence):
        return
    verbs = {ADDITION: Verb.ADD, DELETION: Verb.DELETE}
    verb = Verb.SERVICE if model is GpuDevice else verbs.get(instance.action_flag, Verb.CHANGE)
    row = model._base_manager.filter(pk=instance.object_id).first()
    words = str(instance.get_change_message())
    record(verb, [row] if row else [], words=words, name="" if row else instance.object_repr, count=1)
