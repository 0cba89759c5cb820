from __future__ import annotations

import json
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone, translation
from django_q.models import OrmQ

from media_assets.cad.problem import Failure
from media_assets.models import Product
from rendering import orders, tasks
from rendering.delivery import notifications
from rendering.models import Event, Job, NewsChoice, Notification, Order, Preferences, Webhook
from rendering.models.errors import problem_of
from rendering.queue import claims
from tests import factories
from tests.rendering.delivery.receiver import listening
from tests.rendering.steps import ends, fails, order, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]

State = Notification.State


@pytest.fixture(autouse=True)
def inside_allowed(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    settings.WEBHOOK_PORTS = range(1, 65536)
    settings.SITE_URL = "https://render.example.com/"


def ready_product(tmp_path: Path) -> Product:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    return product


def hook(url: str = "http://127.0.0.1:1/", **fields: Any) -> Webhook:
    return Webhook.objects.create(name=f"hook {Webhook.objects.count()}", url=url, **fields)


def pass_the_time() -> None:
    Notification.objects.update(next_attempt=timezone.now())


def test_a_finished_order_is_told_once_with_its_counts_and_a_link(tmp_path: Path) -> None:
    with listening() as receiver:
        hook(receiver.url, secret="ours")
        placed = order(ready_product(tmp_path), "draft")
        assert tasks.tell() == 0
        ends(tmp_path)
        assert OrmQ.objects.filter(key="renderdesk").exists()
        assert tasks.tell() == 1
        assert tasks.look_for_news() == 0
    ((headers, payload),) = receiver.heard
    told = json.loads(payload)
    assert (told["event"], told["order"]["id"]) == ("order.finished", placed.pk)
    assert told["order"]["lines"] == {"total": 1, "done": 1, "failed": 0, "canceled": 0}
    assert told["order"]["url"] == f"https://render.example.com/admin/rendering/order/{placed.pk}/change/"
    assert headers["X-Renderdesk-Delivery"] == told["id"]
    assert Notification.objects.get().state == State.SENT


def test_an_order_whose_pictures_exist_is_told_at_once(tmp_path: Path) -> None:
    product = ready_product(tmp_path)
    order(product, "draft")
    ends(tmp_path)
    hook()
    placed = order(product, "draft")
    assert Notification.objects.get().order == placed


def test_a_failed_order_names_what_failed(tmp_path: Path) -> None:
    hook(events=["order.failed"])
    hook(events=["order.finished"])
    product = ready_product(tmp_path)
    order(product, "draft")
    fails("timed_out", "It took too long.")
    news = Notification.objects.get()
    assert news.event == Event.FAILED
    assert news.body["failures"][0]["product"] == product.number
    assert news.body["failures"][0]["code"] == "timed_out"


def test_an_order_that_was_retried_is_told_again_when_it_ends_again(tmp_path: Path) -> None:
    hook()
    placed = order(ready_product(tmp_path), "draft")
    fails("timed_out", "It took too long.")
    orders.retry_line(placed.lines.get())
    placed.refresh_from_db()
    assert placed.finished is None
    ends(tmp_path)
    assert set(Notification.objects.values_list("event", flat=True)) == {Event.FAILED, Event.FINISHED}


def test_a_canceled_order_is_told_to_those_who_want_that(tmp_path: Path) -> None:
    hook()
    wants = hook(events=["order.canceled"])
    orders.cancel_order(order(ready_product(tmp_path), "draft"))
    news = Notification.objects.get()
    assert (news.webhook, news.event) == (wants, Event.CANCELED)


def test_an_end_that_nobody_saw_is_found_within_a_minute(tmp_path: Path) -> None:
    placed = order(ready_product(tmp_path), "draft")
    ends(tmp_path)
    Order.objects.update(finished=None)
    hook()
    tasks.look_for_news()
    tasks.look_for_news()
    assert Notification.objects.get().order == placed


def test_a_receiver_that_fails_is_tried_with_growing_pauses_and_then_given_up(tmp_path: Path) -> None:
    with listening("fails") as receiver:
        hook(receiver.url)
        order(ready_product(tmp_path), "draft")
        ends(tmp_path)
        pauses = []
        for _ in range(20):
            tasks.tell()
            news = Notification.objects.get()
            if news.state == State.GIVEN_UP:
                break
            pauses.append(round((news.next_attempt - timezone.now()).total_seconds() / 60))
            pass_the_time()
    assert "status 500" in news.error
    assert pauses == sorted(pauses) and len(receiver.heard) == news.attempts == len(pauses) + 1
    assert (pauses[0], pauses[-1]) == (1, 360)
    assert len({headers["X-Renderdesk-Delivery"] for headers, _ in receiver.heard}) == 1

    with listening() as mended:
        Webhook.objects.update(url=mended.url)
        assert notifications.again(Notification.objects.all()) == 1
        assert tasks.tell() == 1
    assert Notification.objects.get().state == State.SENT


def test_one_bad_receiver_is_asked_once_a_round_and_does_not_hold_up_the_others(tmp_path: Path) -> None:
    with listening("fails") as bad, listening() as good:
        hook(bad.url)
        hook(good.url)
        product = ready_product(tmp_path)
        order(product, "draft")
        ends(tmp_path)
        for _ in range(3):
            order(product, "draft")
        assert tasks.tell() == 4
    assert len(bad.heard) == 1 and len(good.heard) == 4


def test_an_inactive_webhook_is_not_called_and_what_waits_stays(tmp_path: Path) -> None:
    with listening() as receiver:
        one = hook(receiver.url)
        order(ready_product(tmp_path), "draft")
        ends(tmp_path)
        Webhook.objects.update(is_active=False)
        assert tasks.tell() == 0 and not receiver.heard
        Webhook.objects.filter(pk=one.pk).update(is_active=True)
        assert tasks.tell() == 1


def test_people_get_one_mail_for_each_order_they_chose(tmp_path: Path) -> None:
    user = factories.user(email="ada@example.com")
    product = ready_product(tmp_path)
    kind = factories.output_type("draft")
    wish = [orders.Wish(product, kind)]
    orders.place(
        wish, trigger=Order.Trigger.OPERATOR, user=user, note="<b>For the fair</b>", wants_email=True
    )
    ends(tmp_path)
    orders.place(wish, trigger=Order.Trigger.OPERATOR, user=user)
    NewsChoice.objects.create(user=user, on_finished=True)
    orders.place(wish, trigger=Order.Trigger.OPERATOR, user=user)
    assert tasks.tell() == 2
    first, second = mail.outbox
    assert first.to == ["ada@example.com"] and "is finished: 1 of 1 done" in first.subject
    assert "https://render.example.com/admin/" in first.body and "<b>For the fair" in first.body
    assert "&lt;b&gt;For the fair" in first.alternatives[0][0]
    Preferences.objects.create(user=user, language="de")
    orders.place(wish, trigger=Order.Trigger.OPERATOR, user=user)
    assert tasks.tell() == 1
    assert "ist fertig: 1 von 1 fertig" in mail.outbox[2].subject and second.subject.endswith("1 of 1 done")


def test_an_e_mail_says_what_failed_in_the_words_of_its_reader(tmp_path: Path) -> None:
    user = factories.user(email="ada@example.com")
    Preferences.objects.create(user=user, language="de")
    kind = factories.output_type("draft")
    orders.place(
        [orders.Wish(ready_product(tmp_path), kind)],
        trigger=Order.Trigger.OPERATOR,
        user=user,
        wants_email=True,
    )
    Job.objects.update(max_attempts=1)
    claim = taken()
    assert claim is not None
    claims.fail(claim, Failure.of("timed_out", "render", seconds=600))
    orders.on_job_ended(claim.job)
    assert tasks.tell() == 1
    (message,) = mail.outbox
    assert "\n\n\n" not in message.body
    line = Order.objects.get().lines.get()
    with translation.override("de"):
        words = problem_of(line).message
    assert words != line.error and words in message.body and words in unescape(message.alternatives[0][0])
    assert f", {kind}:" in message.body


def test_a_mail_server_that_is_away_costs_an_attempt_and_nothing_else(tmp_path: Path, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    user = factories.user(email="ada@example.com")
    wish = [orders.Wish(ready_product(tmp_path), factories.output_type("draft"))]
    orders.place(wish, trigger=Order.Trigger.OPERATOR, user=user, wants_email=True)
    ends(tmp_path)
    assert tasks.tell() == 0
    news = Notification.objects.get()
    assert (news.state, news.attempts) == (State.WAITING, 1) and "refused" in news.error


def test_ending_an_order_without_listeners_writes_no_news(tmp_path: Path) -> None:
    placed = order(ready_product(tmp_path), "draft")
    ends(tmp_path)
    placed.refresh_from_db()
    assert placed.finished is not None
    assert not Notification.objects.exists()


def held_for(minutes: int) -> Job:
    """A job of the order that has been held for so long."""
    claim = taken()
    assert claim is not None
    claims.fail(claim, Failure.of("disk_full", "folder", folder="/media", needed=5_000, free=10))
    Job.objects.update(held_since=timezone.now() - timedelta(minutes=minutes))
    return claim.job


def test_an_order_that_is_held_up_is_told_once_and_not_for_a_moment() -> None:
    with listening() as receiver:
        hook(receiver.url)
        placed = order(factories.product(), "draft")
        job = held_for(minutes=4)
        assert tasks.look_for_news() == 0
        Job.objects.update(held_since=timezone.now() - timedelta(minutes=6))
        assert tasks.look_for_news() == 1
        assert tasks.look_for_news() == 0
    ((_, payload),) = receiver.heard
    told = json.loads(payload)
    assert (told["event"], told["order"]["id"]) == ("order.held", placed.pk)
    assert told["held"]["job"] == job.pk and told["held"]["code"] == "disk_full"
    assert "5,000 bytes needed, 10 bytes free" in told["held"]["message"]
    assert told["occurred"] == Job.objects.get().held_since.isoformat()


def test_who_wants_e_mails_of_failures_hears_why_it_is_held() -> None:
    user = factories.user(email="olga@example.com")
    NewsChoice.objects.create(user=user, on_failed=True)
    wishes = [orders.Wish(factories.product(), factories.output_type("draft"))]
    orders.place(wishes, trigger=Order.Trigger.OPERATOR, user=user)
    held_for(minutes=10)
    assert tasks.look_for_news() == 1
    (message,) = mail.outbox
    assert "is held up" in message.subject
    assert "5,000 bytes needed" in message.body and "goes on by itself" in message.body


def test_looking_again_at_the_same_moment_writes_no_second_notification() -> None:
    hook()
    order(factories.product(), "draft")
    held_for(minutes=10)
    assert notifications.look_for_held() == 1
    Notification.objects.update(created=timezone.now() - timedelta(days=2))
    assert notifications.look_for_held() == 1  # a day later, but of the same moment
    assert Notification.objects.count() == 1
