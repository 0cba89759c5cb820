"""E-mail to whoever placed the order: plain words, the same in simple HTML."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from rendering.delivery.notifications.channels.base import CHOSEN_BY, Channel
from rendering.delivery.notifications.words import FAILURES_LISTED, link, subject
from rendering.models import Event, NewsChoice, Notification, Order, as_preferred_by


class EmailChannel(Channel):
    """Whoever placed the order, if that was asked for with it, or is chosen for all of theirs."""

    label = _("E-mail")
    column = "email"

    def receivers(self, order: Order, event: Event) -> list[Notification]:
        user = order.ordered_by
        if user is None or not user.email or not user.is_active:
            return []
        is_wanted = order.wants_email or (
            event != Event.CANCELED
            and NewsChoice.objects.filter(user=user, **{CHOSEN_BY[event]: True}).exists()
        )
        return [Notification(email=user.email)] if is_wanted else []

    def send(self, notification: Notification) -> None:
        """Send it. The Message-ID is the same in every attempt, so that a doubled one is known from a second one."""
        with as_preferred_by(notification.order.ordered_by):
            self._message(notification).send()

    def _message(self, notification: Notification) -> EmailMultiAlternatives:
        body = notification.body
        more = body["order"]["lines"]["failed"] - len(body["failures"])
        context = {
            "title": subject(notification),
            "order": body["order"],
            "failures": body["failures"],
            "held": body.get("held"),
            "more": max(0, more),
            "limit": FAILURES_LISTED,
            "choices": link("admin:my_news"),
        }
        message = EmailMultiAlternatives(
            context["title"],
            render_to_string("delivery/notifications/order.txt", context),
            to=[notification.email],
            headers={"Message-ID": f"<{notification.key}@renderdesk>", "Auto-Submitted": "auto-generated"},
        )
        message.attach_alternative(
            render_to_string("delivery/notifications/order.html", context), "text/html"
        )
        return message
