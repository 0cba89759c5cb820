"""The content of notifications: JSON for programs, words for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.serving.links import whole
from rendering.models import Alert, Event, Job, Notification, Order, OrderLine
from rendering.models.alert import RUNBOOK, AlertName

FAILURES_LISTED = 20
SUBJECTS = {
    Event.FINISHED: _("Order {number} is finished: {counts}"),
    Event.FAILED: _("Order {number} has failed lines: {counts}"),
    Event.CANCELED: _("Order {number} was canceled: {counts}"),
    Event.HELD: _("Order {number} is held up: {counts}"),
}


def body(order: Order, event: Event, counts: Mapping[str, int], held: Job | None = None) -> dict[str, Any]:
    """Return what notifications of *order* say; *counts* are its lines in each state. Links are of RENDERDESK_URL.

    *held*: the job that holds it up.
    """
    return {
        "event": event.value,
        "occurred": moment.isoformat() if (moment := held.held_since if held else order.finished) else None,
        "order": {
            "id": order.pk,
            "url": link("admin:rendering_order_change", order.pk),
            "trigger": order.trigger,
            "ordered_by": order.ordered_by.get_username() if order.ordered_by else None,
            "note": order.note,
            "due": order.due.isoformat() if order.due else None,
            "created": order.created.isoformat(),
            "lines": {
                "total": sum(counts.values()),
                **{state: counts.get(state, 0) for state in ("done", "failed", "canceled")},
            },
        },
        "failures": [about_line(line) for line in failed_lines(order)],
        **({"held": {"job": held.pk, "code": held.error_code, "message": held.error}} if held else {}),
    }


def failed_lines(order: Order) -> QuerySet[OrderLine]:
    """Return the failed lines that messages list."""
    failed = order.lines.filter(state=OrderLine.State.FAILED).order_by("id")
    return failed.select_related("product", "output_type", "variant")[:FAILURES_LISTED]


def about_line(line: OrderLine) -> dict[str, Any]:
    """Return what messages say of a line that failed."""
    return {
        "product": line.number,
        "variant": line.variant_code or None,
        "part": line.part or None,
        "output_type": line.slug,
        "code": line.error_code,
        "message": line.error,
    }


def link(name: str, *args: object) -> str:
    """Return the full address of a page."""
    return whole(reverse(name, args=args))


def about_alert(alert: Alert) -> dict[str, Any]:
    """Return what messages say of an alert."""
    facts = RUNBOOK[AlertName(alert.name)]
    return {
        "id": alert.pk,
        "name": alert.name,
        "title": str(AlertName(alert.name).label),
        "subject": alert.subject,
        "message": alert.message,
        "next_step": str(facts.next_step),
        "runbook": facts.runbook,
        "url": link("admin:rendering_alert_change", alert.pk),
        "began": alert.began.isoformat() if alert.began else None,
        "ended": alert.ended.isoformat() if alert.ended else None,
    }


def subject(notification: Notification) -> str:
    """Return the subject of an e-mail, one line."""
    if alert := notification.body.get("alert"):
        words = gettext("Renderdesk, over: {title}") if alert["ended"] else gettext("Renderdesk: {title}")
        about = f"{alert['title']} ({alert['subject']})" if alert["subject"] else alert["title"]
        return " ".join(words.format(title=about).split())
    lines = notification.body["order"]["lines"]
    counts = (
        gettext("{done} of {total} done, {failed} failed")
        if lines["failed"]
        else gettext("{done} of {total} done")
    )
    return SUBJECTS[Event(notification.event)].format(
        number=notification.order_id, counts=counts.format(**lines)
    )
