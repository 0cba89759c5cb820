"""Labels inside sentences, and for the fields of tables, because screen readers do not use the column's heading."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext as _


class NamedRows:
    """Mixin of a formset: each field that is seen is named by its label and its row."""

    def add_fields(self, form: forms.ModelForm[Any], index: int | None) -> None:
        super().add_fields(form, index)  # type: ignore[misc]
        row = str(form.instance) if form.instance.pk else _("new")
        for field in form.fields.values():
            widget: Any = getattr(field.widget, "widget", field.widget)  # inside the one with the plus sign
            if not widget.is_hidden:
                widget.attrs.setdefault("aria-label", f"{field.label or _('Value')}, {row}")


class NamedFormSet(NamedRows, forms.BaseModelFormSet):  # type: ignore[type-arg]
    """The rows of a list that is edited in place."""


class NamedInlineFormSet(NamedRows, forms.BaseInlineFormSet):  # type: ignore[type-arg]
    """The rows of a table inside another object's form."""


def within(label: object) -> str:
    """Return a label as it stands inside a sentence: German nouns keep their capitals."""
    return str(label) if (get_language() or "").startswith("de") else str(label).lower()
