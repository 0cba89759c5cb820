"""Which fields of the form apply to its choices: the page requests this while an operator chooses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied, ValidationError
from django.forms.models import fields_for_model
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_safe

from rendering.catalog.counting import CHOSEN_BY, MUST_BE_EMPTY, why_not
from rendering.models import OutputType
from rendering.pictures.kinds import FIELDS, KINDS, OutputKind

# What the choice of a kind fills in where it has the field and nothing stands there.
USUAL = {"frames": 72, "fps": 24}

Counting = dict[str, dict[str, Any]]


@require_safe
def counting(request: HttpRequest) -> JsonResponse:
    """Return for each field that some choices lack whether it counts for those in the address, and why it does not."""
    if not any(request.user.has_perm(f"rendering.{verb}_outputtype") for verb in ("view", "add", "change")):
        raise PermissionDenied
    return JsonResponse(counting_for(request.GET))


def counting_for(chosen: Mapping[str, Any]) -> Counting:
    """Return {field: {counts, why, must_be_empty}} for a form's values; what is no choice is taken as its default."""
    output_type = OutputType()
    for name, field in fields_for_model(OutputType, CHOSEN_BY).items():
        with suppress(ValidationError):
            setattr(output_type, name, field.clean(field.widget.value_from_datadict(chosen, {}, name)))
    return {
        name: {
            "counts": not (why := why_not(output_type, name)),
            "why": why and gettext(why),
            "must_be_empty": name in MUST_BE_EMPTY,
        }
        for name in sorted(FIELDS)
    }


def for_page(form: forms.ModelForm[OutputType]) -> dict[str, Any]:
    """Return what the page needs: how the form stands now, which fields to send, and where to ask."""
    chosen = form.data if form.is_bound else {name: _initial(form, name) for name in CHOSEN_BY}
    return {
        "counting_now": json.dumps(counting_for(chosen)),
        "counting_by": " ".join(CHOSEN_BY),
        "kinds": json.dumps({name: _fitting(row) for name, row in KINDS.items()}),
        "counting_url": reverse("admin:rendering_outputtype_counting"),
    }


def _fitting(row: OutputKind) -> dict[str, Any]:
    """Return what fits a kind: its formats, and the usual numbers of a turn; "" where it has none."""
    return {
        "formats": row.formats,
        "usual": {name: usual if row.has(name) else "" for name, usual in USUAL.items()},
    }


def _initial(form: forms.ModelForm[OutputType], name: str) -> Any:
    """Return what the form shows for a field; a page to look at has no fields."""
    field = form.fields.get(name)
    return form.get_initial_for_field(field, name) if field else getattr(form.instance, name)
