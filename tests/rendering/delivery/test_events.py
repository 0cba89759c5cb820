"""What happens to pictures and CAD files reaches those who chose it: whole, signed, once, and bounded."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import standardwebhooks
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from media_assets.ingest import receive
from media_assets.models import MediaAsset, Product
from media_assets.signals import product_revised
from rendering import orders, tasks
from rendering.delivery import ending_links, notifications
from rendering.delivery.notifications import receivers, sending
from rendering.models import DeliveryAttempt, Event, Notification, Webhook
from rendering.orders import staleness
from tests import factories
from tests.rendering.delivery.receiver import Receiver, listening
from tests.rendering.steps import ends, fails, order, runs, type_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

ALL = [event.value for event in Event if event != Event.TEST]


@pytest.fixture(autouse=True)
def inside_allowed(settings: Any) -> None:
    settings.WEBHOOK_PRIVATE_ADDRESSES = True
    settings.WEBHOOK_PORTS = range(1, 65536)
    settings.SITE_URL = "http://testserver"


@pytest.fixture
def shop() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def hook(url: str = "http://127.0.0.1:1/", **fields: Any) -> Webhook:
    return Webhook.objects.create(name=f"hook {Webhook.objects.count()}", url=url, **fields)


def told(receiver: Receiver) -> list[dict[str, Any]]:
    tasks.tell()
    said = [json.loads(payload) for _, payload in receiver.heard]
    receiver.heard.clear()
    return said


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def test_the_life_of_a_picture_is_told_from_its_cad_file_to_its_replacement(
    shop: Receiver, tmp_path: Path, client: Client
) -> None:
    mine = hook(shop.url, events=[name for name in ALL if not name.startswith("order.")])
    product = factories.product()
    placed = order(product, "draft")
    ends(tmp_path)
    ready, delivered = told(shop)
    assert (ready["event"], ready["cad_files"][0]["products"]) == ("cad_file.ready", [product.number])
    (picture,) = delivered["pictures"]
    line = placed.lines.get()
    assert (picture["product"], picture["output_type"], picture["order"]) == (
        product.number,
        "draft",
        placed.pk,
    )
    asset = picture["asset"]
    assert asset["id"] == line.asset_id and asset["url"].endswith(f"/api/v1/assets/{asset['id']}/file")

    fetched = client.get(asset["signed_url"])  # nobody is logged in
    content = body_of(fetched)
    assert hashlib.sha256(content).hexdigest() == asset["sha256"] and len(content) == asset["bytes"]
    assert fetched["X-Robots-Tag"].startswith("noindex")
    assert client.get(asset["signed_url"], headers={"If-None-Match": fetched["ETag"]}).status_code == 304
    part = client.get(asset["signed_url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, body_of(part)) == (206, content[:4])

    again = order(product, "draft")  # it is there: delivered once more, and nothing was replaced
    assert [one["event"] for one in told(shop)] == ["picture.delivered"]
    product.cad_file = factories.cad_file()
    product.save()
    revise(product)
    (stale,) = told(shop)
    assert (stale["event"], stale["pictures"][0]["asset"]["id"]) == ("picture.stale", asset["id"])
    assert stale["pictures"][0]["why"] and stale["pictures"][0]["line"] == again.lines.get().pk
    revise(product)
    assert told(shop) == []

    order(product, "draft")
    ends(tmp_path)
    events = {one["event"]: one for one in told(shop)}
    assert set(events) == {"cad_file.ready", "picture.delivered", "picture.replaced"}
    (replaced,) = events["picture.replaced"]["pictures"]
    assert replaced["asset"]["id"] == asset["id"] and replaced["by"]["id"] != asset["id"]
    assert replaced["by"] == {
        **next(
            one["asset"] for one in events["picture.delivered"]["pictures"] if one["output_type"] == "draft"
        ),
        **{name: replaced["by"][name] for name in ("signed_url", "signed_until")},
    }

    Webhook.objects.filter(pk=mine.pk).update(is_active=False)
    assert client.get(asset["signed_url"]).status_code == 410


def revise(product: Product) -> None:
    product_revised.send(Product, product=product, cad_file=product.cad_file, is_new_file=False, user=None)


def test_a_forced_render_replaces_the_bytes_of_its_asset(shop: Receiver, tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    order(product, "draft")
    ends(tmp_path)
    hook(shop.url, events=["picture.replaced"])
    order(product, "draft", force=True)
    ends(tmp_path)
    ((picture,),) = [one["pictures"] for one in told(shop)]
    assert picture["asset"] == {"id": picture["by"]["id"], "sha256": None}
    assert picture["by"]["sha256"] == MediaAsset.objects.get(pk=picture["by"]["id"]).sha256


def test_what_fails_says_why_and_what_to_do(shop: Receiver, tmp_path: Path) -> None:
    hook(shop.url, events=["picture.failed", "cad_file.failed"])
    order(factories.product(), "draft")
    fails("timed_out", "It took too long.")
    events = {one["event"]: one for one in told(shop)}
    assert set(events) == {"picture.failed", "cad_file.failed"}
    for one in (events["picture.failed"]["pictures"][0], events["cad_file.failed"]["cad_files"][0]):
        assert one["code"] == "timed_out" and one["message"] and one["next_step"]
    damaged = tmp_path / "damaged.step"
    damaged.write_bytes(b"ISO-10303-21;\nHEADER;\nENDSEC;\nDATA;\n#1=")
    arrival = receive.receive(damaged, "damaged.step", max_bytes=10**6)
    assert arrival.error_code
    (refused,) = told(shop)
    assert refused["cad_files"][0]["code"] == arrival.error_code
    receive.receive(damaged, "damaged.step", max_bytes=10**6)
    assert told(shop) == []


def test_another_quality_makes_a_file_no_more_ready(shop: Receiver, tmp_path: Path) -> None:
    hook(shop.url, events=["cad_file.ready"])
    product = factories.product()
    orders.tessellate_job(product.cad_file, "standard", 50, product)
    runs(tmp_path)
    orders.tessellate_job(product.cad_file, "fine", 50, product)
    runs(tmp_path)
    assert len(told(shop)) == 1


def test_what_nobody_chose_is_written_nowhere(tmp_path: Path) -> None:
    hook(events=[])
    hook(events=ALL, is_active=False)
    order(factories.product(), "draft")
    ends(tmp_path)
    assert not Notification.objects.exists()


def test_an_edit_makes_pictures_stale_within_a_round_of_looks_and_each_is_told_once(
    shop: Receiver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staleness, "ROUND", 4)

    def a_round() -> int:
        return sum(notifications.look_for_stale(number) for number in range(4))

    products = [factories.product() for _ in range(3)]
    for product in products:
        factories.geometry(product.cad_file, tmp_path)
        order(product, "draft")
    ends(tmp_path)
    hook(shop.url, events=["picture.stale"])
    kind = type_of("draft")
    kind.samples += 1
    kind.save()
    assert a_round() == 3
    said = [item["product"] for one in told(shop) for item in one["pictures"]]
    assert sorted(said) == sorted(product.number for product in products)
    assert a_round() == 0
    kind.samples -= 1
    kind.save()
    assert a_round() == 0
    kind.samples += 1
    kind.save()
    assert a_round() == 3


def test_many_at_once_are_few_messages_and_more_join_those_that_wait() -> None:
    mine = hook(events=["picture.stale"])
    items = [{"line": number} for number in range(20_000)]
    assert receivers.notify_of_items(Event.PICTURE_STALE, "pictures", items) == 200
    for number in range(150):
        receivers.notify_of_items(Event.PICTURE_STALE, "pictures", [{"line": 20_000 + number}])
    rows = Notification.objects.filter(webhook=mine).order_by("id")
    assert [len(row.body["pictures"]) for row in rows] == [100] * 201 + [50]
    assert [one["line"] for row in rows for one in row.body["pictures"]] == list(range(20_150))


def test_nothing_joins_a_message_that_somebody_has_begun_to_send() -> None:
    hook(events=["picture.stale"])
    receivers.notify_of_items(Event.PICTURE_STALE, "pictures", [{"line": 1}])
    Notification.objects.update(attempts=1)
    receivers.notify_of_items(Event.PICTURE_STALE, "pictures", [{"line": 2}])
    assert [row.body["pictures"] for row in Notification.objects.order_by("id")] == [
        [{"line": 1}],
        [{"line": 2}],
    ]


def test_what_joins_while_a_round_is_on_its_way_is_sent_with_it(
    shop: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine = hook(shop.url, events=["picture.stale"])
    receivers.notify_of_items(Event.PICTURE_STALE, "pictures", [{"line": 1, "asset": None}])
    claim = sending._claim

    def joined(row: Notification) -> bool:
        receivers.notify_of_items(Event.PICTURE_STALE, "pictures", [{"line": 2, "asset": None}])
        return claim(row)

    monkeypatch.setattr(sending, "_claim", joined)
    (one,) = told(shop)
    assert [item["line"] for item in one["pictures"]] == [1, 2] and mine.notifications.count() == 1


def test_every_message_passes_the_check_of_standard_webhooks_before_during_and_after_a_rotation(
    shop: Receiver,
) -> None:
    mine = hook(shop.url)
    first = mine.secret

    def heard() -> tuple[dict[str, str], str]:
        notifications.send_test(mine)
        tasks.tell()
        headers, payload = shop.heard.pop()
        assert headers["webhook-id"] == json.loads(payload)["id"] == headers["X-Renderdesk-Delivery"]
        return headers, payload.decode()

    def passes(secret: str, headers: dict[str, str], payload: str) -> bool:
        try:
            return bool(standardwebhooks.Webhook(secret).verify(payload, headers))
        except standardwebhooks.WebhookVerificationError:
            return False

    assert first.startswith("whsec_") and passes(first, *heard())
    mine.rotate()
    message = heard()
    assert passes(first, *message) and passes(mine.secret, *message) and mine.secret != first
    Webhook.objects.update(old_secret_until=timezone.now() - timedelta(seconds=1))
    message = heard()
    assert not passes(first, *message) and passes(mine.secret, *message)
    headers, payload = message
    assert not passes(mine.secret, headers, payload.replace("hook 0", "hook 1"))
    assert not passes(mine.secret, {**headers, "webhook-timestamp": "1700000000"}, payload)


def test_the_log_keeps_each_attempt_with_what_was_answered(tmp_path: Path) -> None:
    with listening("speaks") as receiver:
        hook(receiver.url)
        order(ready(tmp_path), "draft")
        ends(tmp_path)
        tasks.tell()
        first = DeliveryAttempt.objects.get()
        assert (first.status, len(first.answer)) == (503, 500) and first.answer.startswith(
            "<b>Maintenance</b>"
        )
        assert first.next_attempt and "503" in first.error and first.seconds < 5
        receiver.answer = "stops"  # accepted, and then it says no more
        notifications.again(Notification.objects.all())
        assert tasks.tell() == 1
    last = DeliveryAttempt.objects.first()
    assert last and (last.status, last.error, last.answer, last.next_attempt) == (200, "", "Thank", None)
    assert DeliveryAttempt.objects.count() == 2


def ready(tmp_path: Path) -> Product:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    return product


def test_a_test_that_is_refused_is_not_tried_again_and_reaches_a_webhook_that_is_off() -> None:
    with listening("fails") as receiver:
        mine = hook(receiver.url, is_active=False)
        row = notifications.send_test(mine)
        assert tasks.tell() == 0 and len(receiver.heard) == 1
    row.refresh_from_db()
    assert (row.state, row.attempts) == ("given_up", 1)


def test_an_address_ends_opens_nothing_else_and_can_not_be_made_up(tmp_path: Path, client: Client) -> None:
    asset = factories.geometry(factories.cad_file(), tmp_path)
    mine, now = hook(), timezone.now()

    def address(**other: Any) -> str:
        given = {"asset": asset.pk, "sha256": asset.sha256, "until": now + timedelta(hours=1), **other}
        return ending_links.address(name="a.png", hook=mine, **given)

    assert client.get(address()).status_code == 200
    assert client.get(address(until=now - timedelta(seconds=1))).status_code == 410
    assert client.get(address(sha256="0" * 64)).status_code == 410
    assert client.get(address(asset=asset.pk + 1)).status_code == 410
    whole = address()
    token = whole.split("/")[-2]
    made_up = Signer(salt="something.else").sign(token.rpartition(":")[0])
    for wrong in (token[:-1], token + "x", made_up, "x" * 5000, "..", "%00"):
        assert client.get(whole.replace(token, wrong)).status_code == 404
    assert client.post(whole).status_code == 405
    MediaAsset.objects.update(archived_at=now)
    assert client.get(whole).status_code == 410
    MediaAsset.objects.update(archived_at=None)
    mine.delete()
    assert client.get(whole).status_code == 410


def test_a_webhook_without_addresses_gets_those_for_tokens_alone(shop: Receiver, tmp_path: Path) -> None:
    hook(shop.url, events=["picture.delivered"], address_hours=0)
    order(ready(tmp_path), "draft")
    ends(tmp_path)
    assert "signed_url" not in told(shop)[0]["pictures"][0]["asset"]
