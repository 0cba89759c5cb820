from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rendering.models import NewsChoice, Notification, Order, Webhook
from tests import factories
from tests.rendering.desk.conftest import World

pytestmark = pytest.mark.django_db

ADD = "admin:rendering_webhook_add"
LIST = "admin:rendering_notification_changelist"


def test_a_webhook_is_made_with_a_secret_of_its_own(admin_client: Client) -> None:
    page = admin_client.get(reverse(ADD))
    secret = page.context["adminform"].form["secret"].value()
    answer = admin_client.post(
        reverse(ADD),
        {"name": "Shop", "url": "https://shop.example.com/hook", "secret": secret, "is_active": "on"},
    )
    assert answer.status_code == 302
    assert Webhook.objects.get().secret == secret and len(secret) > 40


@pytest.mark.parametrize(
    "url",
    ["ftp://a.example/", "javascript:alert(1)", "/hook", "https://", "https://a:b@c.example/", "http://a b/"],
)
def test_what_can_not_be_called_is_refused_in_the_form(url: str, admin_client: Client) -> None:
    answer = admin_client.post(reverse(ADD), {"name": "Shop", "url": url, "secret": "s"})
    assert answer.status_code == 200 and answer.context["adminform"].form.errors["url"]
    assert not Webhook.objects.exists()


def test_a_secret_is_shown_to_nobody_who_may_only_look(world: World, staff: Callable[..., Client]) -> None:
    hook = Webhook.objects.get()
    page = reverse("admin:rendering_webhook_change", args=[hook.pk])
    assert hook.secret not in staff("rendering.view_webhook").get(page).content.decode()
    assert (
        hook.secret in staff("rendering.view_webhook", "rendering.change_webhook").get(page).content.decode()
    )


def test_a_message_can_be_sent_again_by_those_who_may(world: World, staff: Callable[..., Client]) -> None:
    row = Notification.objects.get()
    Notification.objects.update(state="given_up", attempts=8)
    form = {"action": "send_again", "_selected_action": [row.pk]}
    assert staff("rendering.view_notification").post(reverse(LIST), form).status_code == 403
    staff("rendering.view_notification", "rendering.change_notification").post(reverse(LIST), form)
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("waiting", 0)


def test_people_choose_what_is_told_to_them(staff: Callable[..., Client]) -> None:
    page = reverse("admin:my_news")
    client = staff()
    assert "no e-mail address" in client.get(page).content.decode()
    client.post(page, {"on_failed": "on"})
    client.post(page, {"on_failed": "on"})
    choice = NewsChoice.objects.get()
    assert (choice.on_finished, choice.on_failed) == (False, True)


def test_an_order_can_be_told_of_while_ordering(admin_client: Client) -> None:
    product = factories.product()
    kind = factories.output_type("draft")
    form = {"products": product.number, "output_types": [kind.pk], "priority": 50, "wants_email": "on"}
    assert admin_client.post(reverse("admin:rendering_order_add"), form).status_code == 302
    order = Order.objects.get()
    assert order.wants_email
    change = reverse("admin:rendering_order_change", args=[order.pk])
    admin_client.post(change, {"priority": 50, "due": "", "note": ""})
    order.refresh_from_db()
    assert not order.wants_email


def test_where_webhooks_go_is_shown_only_to_those_who_may_see_webhooks(
    world: World, staff: Callable[..., Client]
) -> None:
    row = Notification.objects.get()
    Notification.objects.update(error="No connection: secret-host.example is 10.0.0.7.")
    pages = (reverse(LIST), reverse("admin:rendering_notification_change", args=[row.pk]))
    for page in pages:
        hidden = staff("rendering.view_notification").get(page).content.decode()
        assert "secret-host" not in hidden and "Whoever may see webhooks sees why" in hidden
        shown = staff("rendering.view_notification", "rendering.view_webhook").get(page).content.decode()
        assert "secret-host" in shown


def test_what_went_wrong_with_an_email_is_shown_to_all(world: World, staff: Callable[..., Client]) -> None:
    Notification.objects.update(webhook=None, email="a@b.example", error="Mailbox is full.")
    assert "Mailbox is full." in staff("rendering.view_notification").get(reverse(LIST)).content.decode()


def test_the_form_takes_the_ports_of_the_web_and_those_that_are_allowed(
    admin_client: Client, settings: Any
) -> None:
    form = {"name": "Shop", "url": "https://shop.example.com:8443/hook", "secret": "s"}
    answer = admin_client.post(reverse(ADD), form)
    assert "RENDERDESK_WEBHOOK_PORTS=8443" in str(answer.context["adminform"].form.errors["url"])
    settings.WEBHOOK_PORTS = {80, 443, 8443}
    admin_client.post(reverse(ADD), form)
    assert Webhook.objects.get().url == form["url"]
