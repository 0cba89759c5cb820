"""What every form that orders asks for the whole order: when, how urgent, and a note."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy

from rendering.models.order import DEFAULT_PRIORITY


class PlacingFields(forms.Form):
    """Priority, due date and note."""

    due = forms.DateField(
        label=gettext_lazy("Due date"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": "vDateField"}),
    )
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=0,
        max_value=1000,
        initial=DEFAULT_PRIORITY,
        help_text=gettext_lazy("Higher numbers go first. Uploads have 60."),
    )
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
