"""E-mail to whoever placed the order, and to who looks after Renderdesk: plain words, the same in simple HTML."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from gpu.models import SystemSettings
from rendering.delivery.notifications import words
from rendering.delivery.notifications.channels.base import Channel
from rendering.delivery.notifications.words import FAILURES_LISTED, link, subject
from rendering.models import Event, Job, NewsChoice, Notification, Order, OrderLine, as_preferred_by
from rendering.models.errors import problem_of

CHOSEN_BY = {Event.FINISHED: "on_finished", Event.FAILED: "on_failed", Event.HELD: "on_failed"}
"""The column by which people choose events of their orders. Of a canceled one they hear if they asked with it."""
ALERTS = (Event.ALERT_BEGAN, Event.ALERT_OVER)


class EmailChannel(Channel):
    """Whoever placed the order, if that was asked for with it, or is chosen for all of theirs; of alerts, whom the
    system settings name."""

    label = _("E-mail")
    column = "email"

    def receivers(self, order: Order | None, event: Event) -> list[Notification]:
        if event in ALERTS:
            return [Notification(email=address) for address in SystemSettings.load().alert_addresses]
        user = order.ordered_by if order else None
        if order is None or user is None or not user.email or not user.is_active:
            return []
        chosen = CHOSEN_BY.get(event)
        is_wanted = order.wants_email or (
            chosen is not None and NewsChoice.objects.filter(user=user, **{chosen: True}).exists()
        )
        return [Notification(email=user.email)] if is_wanted else []

    def send(self, notification: Notification) -> None:
        """Send it. The Message-ID is the same in every attempt, so that a doubled one is known from a second one."""
        user = notification.order.ordered_by if notification.order else None
        with as_preferred_by(user):
            self._message(notification).send()

    def _message(self, notification: Notification) -> EmailMultiAlternatives:
        if notification.event in ALERTS:
            template, context = "alert", {"alert": notification.body["alert"]}
        else:
            template, context = "order", _about_order(notification)
        context |= {"title": subject(notification), "choices": link("admin:my_news")}
        message = EmailMultiAlternatives(
            context["title"],
            render_to_string(f"delivery/notifications/{template}.txt", context),
            to=[notification.email],
            headers={"Message-ID": f"<{notification.key}@renderdesk>", "Auto-Submitted": "auto-generated"},
        )
        html = render_to_string(f"delivery/notifications/{template}.html", context)
        message.attach_alternative(html, "text/html")
        return message


def _about_order(notification: Notification) -> dict[str, Any]:
    """Return what the templates show: errors in the reader's words where their rows have them, else in English."""
    body, order = notification.body, notification.order
    more = body["order"]["lines"]["failed"] - len(body["failures"])
    failed = words.failed_lines(order) if body["failures"] and order else ()
    lines = {_about(words.about_line(line)): line for line in failed}
    held = body.get("held")
    return {
        "order": body["order"],
        "failures": [_in_words(one, lines.get(_about(one))) for one in body["failures"]],
        "held": _in_words(held, Job.objects.filter(pk=held["job"]).first()) if held else None,
        "more": max(0, more),
        "limit": FAILURES_LISTED,
    }


def _about(failure: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(failure[name] for name in ("product", "variant", "part", "output_type", "code"))


def _in_words(kept: Mapping[str, Any], row: Job | OrderLine | None) -> dict[str, Any]:
    """Return what a notification keeps of an error, with its message and its output type as *row* names them."""
    if row is None or row.error_code != kept["code"]:
        return dict(kept)
    return {**kept, "message": problem_of(row).text, "output_type": row.output_words}
