"""One e-mail to one person: plain words, the same in simple HTML."""

from __future__ import annotations

from django.core.mail import EmailMultiAlternatives
from django.template.loader import render_to_string

from rendering.delivery.notifications.words import FAILURES_TOLD, link, subject
from rendering.models import Notification


def send(notification: Notification) -> None:
    """Send the e-mail of *notification*. Raises OSError (SMTP errors are some) when the server does not take it.

    The Message-ID is the same in every attempt, so that a doubled one can be told from a second one.
    """
    told = notification.body
    more = told["order"]["lines"]["failed"] - len(told["failures"])
    context = {
        "title": subject(notification),
        "order": told["order"],
        "failures": told["failures"],
        "more": max(0, more),
        "limit": FAILURES_TOLD,
        "choices": link("admin:my_news"),
    }
    message = EmailMultiAlternatives(
        context["title"],
        render_to_string("news/order.txt", context),
        to=[notification.email],
        headers={"Message-ID": f"<{notification.key}@renderdesk>", "Auto-Submitted": "auto-generated"},
    )
    message.attach_alternative(render_to_string("news/order.html", context), "text/html")
    message.send()
