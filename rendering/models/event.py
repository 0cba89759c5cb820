"""The registry of events: what webhooks, and some of them people, are notified of."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Event(models.TextChoices):
    """What has happened: a noun and what became of it."""

    FINISHED = "order.finished", _("Order finished")
    FAILED = "order.failed", _("Order failed")
    CANCELED = "order.canceled", _("Order canceled")
    HELD = "order.held", _("Order held")
    PICTURE_DELIVERED = "picture.delivered", _("Picture delivered")
    PICTURE_REPLACED = "picture.replaced", _("Picture replaced")
    PICTURE_STALE = "picture.stale", _("Picture became stale")
    PICTURE_FAILED = "picture.failed", _("Picture failed")
    PICTURE_APPROVED = "picture.approved", _("Picture approved")
    PICTURE_REJECTED = "picture.rejected", _("Picture rejected")
    CAD_READY = "cad_file.ready", _("CAD file ready")
    CAD_FAILED = "cad_file.failed", _("CAD file failed")
    ALERT_BEGAN = "alert.began", _("Alert began")
    ALERT_OVER = "alert.over", _("Alert is over")
    TEST = "webhook.test", _("Test")


@dataclass(frozen=True)
class EventFacts:
    """How an event is offered: in which group, with which explanation, and whether a new webhook has it."""

    group: str | Promise
    help: str | Promise
    is_usual: bool = False


ORDERS, PICTURES, CAD_FILES, ALERTS = _("Orders"), _("Pictures"), _("CAD files"), _("Alerts")
OFFERED: dict[Event, EventFacts] = {
    Event.FINISHED: EventFacts(ORDERS, _("Every line was delivered"), True),
    Event.FAILED: EventFacts(ORDERS, _("At least one line failed"), True),
    Event.CANCELED: EventFacts(ORDERS, _("No line failed, and at least one was canceled")),
    Event.HELD: EventFacts(ORDERS, _("Jobs have been held for five minutes"), True),
    Event.PICTURE_DELIVERED: EventFacts(PICTURES, _("With its address, size and SHA-256")),
    Event.PICTURE_REPLACED: EventFacts(PICTURES, _("A newer one of the product was delivered")),
    Event.PICTURE_STALE: EventFacts(PICTURES, _("It would differ if it were made today")),
    Event.PICTURE_FAILED: EventFacts(PICTURES, _("With the reason and the next step")),
    Event.PICTURE_APPROVED: EventFacts(PICTURES, _("With the note, and who approved it")),
    Event.PICTURE_REJECTED: EventFacts(PICTURES, _("With the note, and who rejected it")),
    Event.CAD_READY: EventFacts(CAD_FILES, _("It was converted")),
    Event.CAD_FAILED: EventFacts(CAD_FILES, _("It can't be converted, with the reason")),
    Event.ALERT_BEGAN: EventFacts(ALERTS, _("Renderdesk itself needs attention")),
    Event.ALERT_OVER: EventFacts(ALERTS, _("What it was about is over")),
}
"""What a webhook can choose; a test message is sent by a button alone."""


def usual_events() -> list[str]:
    """Return what a new webhook is notified of."""
    return [event.value for event, facts in OFFERED.items() if facts.is_usual]
