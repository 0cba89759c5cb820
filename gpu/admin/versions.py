"""Forms that two people have open at once: the second to save is told what the first has changed, and nothing is lost.

The page carries a digest of each field as it was shown. A save is refused where the row has another value by then,
unless it is the value that is being saved.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gpu.admin.bounded import BoundedAdmin

SEEN = "_seen"  # the field with the digests
SHOWN = 60  # characters of a value that is named
NAMED = 6  # changed fields that are named


def _values(row: Model) -> dict[str, Any]:
    return {
        name: sorted(one.pk for one in value) if isinstance(value, (list, QuerySet)) else value
        for name, value in model_to_dict(row).items()
    }


def _digest(value: Any) -> str:
    return hashlib.sha256(str(value).encode()).hexdigest()[:12]


class VersionedForm(forms.ModelForm):  # type: ignore[type-arg]
    """Refuses to save over what somebody else has saved since the form was opened."""

    @classmethod
    def seen(cls, row: Model) -> str:
        """Return the digests of *row*, as JSON."""
        found = {**_values(row), **cls.beside(row)}
        return json.dumps({name: _digest(value) for name, value in found.items()})

    @classmethod
    def beside(cls, row: Model) -> dict[str, Any]:
        """Return what else the page saves with the row, by its name in words."""
        return {}

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.instance.pk and (shown := _shown_to(self.data.get(SEEN, ""))):
            rows = type(self.instance)._base_manager.select_for_update(of=("self",))
            if (now := rows.filter(pk=self.instance.pk).first()) is not None:
                self._compare(shown, now, data)
        return data

    def _compare(self, shown: dict[str, str], now: Model, data: dict[str, Any]) -> None:
        values = _values(now)
        changed = [
            name
            for name, value in values.items()
            if name in self.fields
            and shown.get(name, "") != _digest(value)
            and not _is_same(data.get(name), value)
        ]
        beside = self.beside(now)
        others = [name for name, value in beside.items() if shown.get(name, "") != _digest(value)]
        if not changed and not others:
            return
        said = [f"{self.fields[name].label}: {_said(now, name)}" for name in changed[:NAMED]]
        said += [f"{name}: {beside[name]}" for name in others]
        words = _(
            "Somebody else has saved this page since you opened it. Stored now: %(values)s. What you entered is kept "
            "below: save again to replace it, or reload the page to see theirs."
        )
        raise ValidationError(words % {"values": "; ".join(said)}, code="changed_meanwhile")


def _shown_to(text: str) -> dict[str, str]:
    """Return the digests that a page sent back; {} for what is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _is_same(sent: Any, stored: Any) -> bool:
    if isinstance(sent, QuerySet):
        return bool(sorted(sent.values_list("pk", flat=True)) == stored)
    return bool((sent.pk if isinstance(sent, Model) else sent) == stored)


def _said(row: Model, name: str) -> str:
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if hasattr(value, "all"):
        value = ", ".join(map(str, value.all()))
    text = str(value) if value not in (None, "") else _("empty")
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


class VersionedAdmin(BoundedAdmin):
    """A page whose second save says that the first was there."""

    form: type[VersionedForm] = VersionedForm

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        """Show the form with the digests of what is stored now, not of what was typed."""
        stored = self.model._base_manager.filter(pk=obj.pk).first() if obj is not None else None
        context["seen"] = self.form.seen(stored) if stored is not None else ""
        return super().render_change_form(request, context, add, change, form_url, obj)
