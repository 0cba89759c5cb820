"""The activity on one object, for its history page."""

from __future__ import annotations

from typing import Any

from django import template
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model
from django.urls import reverse

from rendering.models import HistoryEntry

register = template.Library()
SHOWN = 100


@register.inclusion_tag("desk/activity/object_history.html")
def history_of(obj: Model) -> dict[str, Any]:
    """Return the newest entries of *obj*, and where the older ones are."""
    kind = ContentType.objects.get_for_model(obj)
    found = HistoryEntry.objects.filter(subjects__kind=kind, subjects__object_id=obj.pk)
    rows = list(found.order_by("-when", "-id")[: SHOWN + 1])
    address = f"{reverse('admin:rendering_historyentry_changelist')}?object={kind.pk}-{obj.pk}"
    return {"entries": rows[:SHOWN], "more": address if len(rows) > SHOWN else ""}
