"""Deliveries as pages show them: what was sent, and how each attempt went."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from rendering.models import Event, Notification

ENDS = {
    Event.FINISHED: gettext_lazy("finished"),
    Event.FAILED: gettext_lazy("failed"),
    Event.CANCELED: gettext_lazy("canceled"),
    Event.HELD: gettext_lazy("held"),
}
BADGES = {"sent": "done", "waiting": "pending", "given_up": "failed"}


def what(row: Notification) -> str:
    """Return in words what a notification is about."""
    if row.order_id:
        return f"{_('Order %(number)d') % {'number': row.order_id}}: {ENDS[Event(row.event)]}"
    return str(row.get_event_display())


def shown(row: Notification) -> dict[str, Any]:
    """Return a notification and its last attempt for a table."""
    return {
        "row": row,
        "what": what(row),
        "badge": BADGES[row.state],
        "last": next(iter(row.tries.all()), None),
        "url": reverse("admin:rendering_notification_change", args=[row.pk]),
    }
