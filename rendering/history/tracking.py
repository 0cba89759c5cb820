"""Records changes when people save rows: the old and the new value of each field, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.contrib.admin.models import ADDITION, DELETION, LogEntry
from django.contrib.auth.models import Group, User
from django.db.models import Field, ForeignKey, Model
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.utils import timezone
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext, gettext_noop

from gpu.models import GpuDevice, GpuProbe, SystemSettings
from media_assets.models import (
    CadFile,
    Collection,
    Customer,
    CustomerAccess,
    ExplodedView,
    Product,
    ProductIdentifier,
    SourceSystem,
    Tag,
)
from rendering import models
from rendering.history.entries import Change, Verb, record
from rendering.history.people import actor

BEFORE = "_history_before"  # on an instance, between pre_save and post_save
LONGEST = 300  # characters of one value
NOT_KEPT = gettext_noop("not recorded")


def host_only(url: str) -> str:
    """Return scheme and host of an address: paths of chat services are as good as a password."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}/…" if url else ""


@dataclass(frozen=True)
class Tracked:
    """What of a model is kept. No *fields*: all that forms may edit. *said*: what may be kept of a field's value."""

    fields: tuple[str, ...] | None = None
    made: str = Verb.ADD  # "": a new row is no entry
    said: Mapping[str, Callable[[Any], str]] = field(default_factory=dict)


TRACKED: dict[type[Model], Tracked] = {
    models.OutputType: Tracked(),
    models.ChannelProfile: Tracked(),
    models.ChannelOutput: Tracked(made=""),  # its version has what came and went
    models.ChannelRule: Tracked(made=""),
    models.Environment: Tracked(),
    models.Studio: Tracked(),
    models.Texture: Tracked(),
    models.Label: Tracked(),
    models.ColorProfile: Tracked(),
    models.Finish: Tracked(),
    models.MaterialRule: Tracked(),
    models.Variant: Tracked(),
    models.Workflow: Tracked(),
    Product: Tracked(),
    ProductIdentifier: Tracked(),
    ExplodedView: Tracked(("depth", "spread", "changes")),
    SourceSystem: Tracked(),
    Customer: Tracked(),
    Collection: Tracked(),
    Tag: Tracked(),
    CadFile: Tracked(("code_page", "stated_unit", "up", "strays", "waits_for_look"), made=Verb.UPLOAD),
    models.Order: Tracked(("due", "note", "wants_email"), made=""),  # placing it is an entry with a count
    models.ShareLink: Tracked(("note", "expires"), made=Verb.SHARE),
    models.ApiToken: Tracked(("name", "owner", "scopes", "expires", "revoked")),
    models.Webhook: Tracked(said={"secret": lambda _: NOT_KEPT, "url": host_only}),
    SystemSettings: Tracked(made=""),
    GpuDevice: Tracked(("enabled", "serves_heavy", "serves_light", "queue"), made=""),
    GpuProbe: Tracked((), made=Verb.PROBE),
    User: Tracked(
        (
            *("username", "first_name", "last_name", "email"),
            *("is_active", "is_staff", "is_superuser", "password"),
        ),
        said={"password": lambda _: NOT_KEPT},
    ),
    Group: Tracked(),
    CustomerAccess: Tracked(),
}
SETS = (User.groups, User.user_permissions, Group.permissions, Product.tags)  # many-to-many fields


def connect() -> None:
    """Listen to the saves of all that is tracked. May be called any number of times."""
    for model in TRACKED:
        pre_save.connect(_before, sender=model)
        post_save.connect(_after, sender=model)
        post_delete.connect(_deleted, sender=model)
    for one in SETS:
        m2m_changed.connect(_set_changed, sender=one.through)
    post_save.connect(_logged, sender=LogEntry)


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
    if raw or actor() is None or instance._state.adding:
        return
    names = [
        one.attname
        for one in fields_of(sender)
        if one.attname in instance.__dict__  # not deferred
        and (update_fields is None or not {one.name, one.attname}.isdisjoint(update_fields))
    ]
    if names:
        instance.__dict__[BEFORE] = sender._base_manager.filter(pk=instance.pk).values(*names).first()


def _after(*, sender: type[Model], instance: Any, created: bool, raw: bool, **_: Any) -> None:
    before, made = instance.__dict__.pop(BEFORE, None), TRACKED[sender].made
    if raw or actor() is None:
        return
    if created and made:
        opened = [instance.asset, instance.order] if isinstance(instance, models.ShareLink) else []
        record(made, [instance, *filter(None, opened)])  # what a link opens has it in its history too
    elif changes := list(_changes(sender, instance, before or {})):
        record(Verb.CHANGE, instance, changes=changes)


def _changes(model: type[Model], instance: Any, before: Mapping[str, Any]) -> Iterator[Change]:
    for one in fields_of(model):
        if one.attname not in before:
            continue
        old, new = before[one.attname], one.to_python(getattr(instance, one.attname))
        if old == new or (old in (None, "") and new in (None, "")):
            continue
        say = TRACKED[model].said.get(one.name) or partial(value_words, one)
        yield (capfirst(str(one.verbose_name)), say(old), say(new))


def value_words(field: Field[Any, Any], value: Any) -> str:
    """Return *value* of *field* in words; "" for none. A foreign key is given by its id."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(field, ForeignKey):
        row = field.remote_field.model._base_manager.filter(pk=value).first()
        text = gettext("number {value}").format(value=value) if row is None else str(row)
    elif field.choices:
        text = str(dict(field.flatchoices).get(value, value))
    elif isinstance(value, bool):
        text = gettext("yes") if value else gettext("no")
    elif isinstance(value, datetime):
        text = f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    elif isinstance(value, float):
        text = f"{value:.6g}"
    else:
        text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    return Truncator(text).chars(LONGEST)


def _deleted(*, sender: type[Model], instance: Any, origin: Any = None, **_: Any) -> None:
    """What goes with another row, as identifiers with their product, is told by the entry of that."""
    if TRACKED[sender].made and getattr(origin, "model", type(origin)) is sender:
        record(Verb.DELETE, instance)


def _set_changed(*, sender: Any, instance: Any, action: str, model: Any, pk_set: Any, **_: Any) -> None:
    """Groups of users, permissions of both, tags of products."""
    if actor() is None or action not in ("post_add", "post_remove", "pre_clear"):
        return
    if action == "pre_clear":
        through = sender._default_manager.filter(**{instance._meta.model_name: instance})
        pk_set = through.values(model._meta.model_name)
    label = capfirst(str(model._meta.verbose_name_plural))
    names = sorted(map(str, model._default_manager.filter(pk__in=pk_set)))
    if names:
        changes = [(label, "", name) if action == "post_add" else (label, name, "") for name in names]
        record(Verb.CHANGE, instance, changes=changes)


def _logged(*, instance: LogEntry, created: bool, **_: Any) -> None:
    """What the admin notes of rows that are not tracked, and in sentences of its own, is kept as well."""
    model = instance.content_type.model_class() if instance.content_type else None
    is_sentence = bool(instance.change_message) and not instance.change_message.startswith("[")
    if not created or model is None or actor() is None or (model in TRACKED and not is_sentence):
        return
    verbs = {ADDITION: Verb.ADD, DELETION: Verb.DELETE}
    verb = Verb.SERVICE if model is GpuDevice else verbs.get(instance.action_flag, Verb.CHANGE)
    row = model._base_manager.filter(pk=instance.object_id).first()
    words = str(instance.get_change_message())
    record(verb, [row] if row else [], words=words, name="" if row else instance.object_repr, count=1)
