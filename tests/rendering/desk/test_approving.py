"""Approval: what waits for it is released nowhere, a verdict is of one picture, and a new render asks again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_assets.models import MediaAsset, Product
from rendering import orders
from rendering.delivery import archives
from rendering.models import (
    ApiToken,
    Approval,
    HistoryEntry,
    Notification,
    Order,
    OutputType,
    PictureComment,
    Review,
    ShareLink,
    Webhook,
    roles,
)
from rendering.models.review import approvals_of, awaiting
from rendering.orders import approving
from rendering.orders.matrix import matrix
from tests import factories
from tests.rendering.desk.test_actions import said
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.steps import ends, order, type_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivered(tmp_path: Path) -> tuple[Product, Order, MediaAsset]:
    """A picture of a type that needs approval, and a webhook that hears of all."""
    Webhook.objects.create(
        name="Shop",
        url="https://shop.example.com/",
        address_hours=1,
        events=["picture.delivered", "picture.replaced", "picture.approved", "picture.rejected"],
    )
    OutputType.objects.filter(slug="draft").update(needs_approval=True)
    product = factories.product(number="KL-1")
    placed = order(product, "draft")
    ends(tmp_path)
    asset = placed.lines.get().asset
    assert asset is not None
    return product, placed, asset


def told() -> list[str]:
    return list(Notification.objects.order_by("id").values_list("event", flat=True))


def packed(placed: Order) -> list[str]:
    return [one.reason for one in archives.of_order(placed)]


def test_what_waits_for_approval_is_released_nowhere_until_it_is_approved(
    delivered: tuple[Product, Order, MediaAsset], admin_client: Client, client: Client, tmp_path: Path
) -> None:
    product, placed, asset = delivered
    days = timezone.now() + timedelta(days=1)
    links = [
        ShareLink.objects.create(asset=asset, expires=days),
        ShareLink.objects.create(order=placed, expires=days),
    ]

    def released() -> list[bool]:
        cell = matrix([product], [type_of("draft")])[0].cells[0]
        return [
            *(link.files().exists() for link in links),
            not packed(placed)[0],
            not archives.of_cells([cell])[0].reason,
            "picture.delivered" in told(),
        ]

    assert released() == [False] * 5
    assert approvals_of([asset.pk]) == {asset.pk: Approval.AWAITING} and list(awaiting()) == [asset]
    shared = admin_client.post(
        reverse("admin:rendering_sharelink_add"), {"asset": asset.pk, "days": 7, "note": ""}
    )
    assert "not approved" in shared.content.decode()

    page = admin_client.get(reverse("admin:review_next"), follow=True)
    assert_strict(page, "review")
    where = reverse("admin:media_assets_mediaasset_review", args=[asset.pk])
    assert page.redirect_chain[-1][0] == where and "Awaiting approval" in page.content.decode()
    old = admin_client.post(where, {"verdict": "approved", "sha256": "f" * 64})
    assert "rendered again meanwhile" in old.content.decode() and not Review.objects.exists()
    empty = admin_client.post(where, {"verdict": "rejected", "note": " "})
    assert "Say what is wrong" in empty.content.decode() and not Review.objects.exists()
    done = admin_client.post(where, {"verdict": "approved", "sha256": asset.sha256}, follow=True)
    assert "approved" in said(done) and released() == [True] * 5
    assert told() == ["picture.approved", "picture.delivered"]
    entry = HistoryEntry.objects.get(verb="approve")
    assert entry.person == "admin" and "KL-1" in entry.name
    assert "No picture waits" in said(admin_client.get(reverse("admin:review_next"), follow=True))

    rejected = admin_client.post(where, {"verdict": "rejected", "note": "Too dark <b>"}, follow=True)
    assert "Too dark &lt;b&gt;" in rejected.content.decode() and "Render with other settings" in (
        rejected.content.decode()
    )
    assert released()[:4] == [False] * 4 and packed(placed) == ["Rejected"]
    said_of_it = Notification.objects.get(event="picture.rejected").body["pictures"][0]
    assert said_of_it["approval"]["note"] == "Too dark <b>" and said_of_it["approval"]["by"] == "admin"

    # The same recipe again, forced: other bytes, another verdict.
    orders.place(
        [orders.Wish(product, type_of("draft"), force=True)], trigger=Order.Trigger.RERENDER, user=None
    )
    ends(tmp_path)
    assert approvals_of([asset.pk]) == {asset.pk: Approval.AWAITING}
    asset.refresh_from_db()
    approving.approve(asset, user=None)
    assert approving.approve(asset, user=None) is None  # it stands already
    sent = Notification.objects.filter(event="picture.delivered").values_list("body", flat=True)
    assert sum(len(body["pictures"]) for body in sent) == 2


def test_pictures_are_judged_in_the_deliverables_by_who_may(
    delivered: tuple[Product, Order, MediaAsset], staff: Callable[..., Client], tmp_path: Path
) -> None:
    product, _placed, asset = delivered
    where = reverse("admin:rendering_matrix", query={"state": "awaiting"})
    sees = ("rendering.view_order", "media_assets.view_product", "media_assets.view_mediaasset")
    viewer, approver = staff(*sees), staff(*sees, "rendering.approve_picture")
    ticks = {"shown": [product.pk], "row": [product.pk]}
    assert viewer.post(where, {"verb": "approve", **ticks}).status_code == 403
    review = reverse("admin:media_assets_mediaasset_review", args=[asset.pk])
    assert viewer.get(review).status_code == 200
    assert viewer.post(review, {"verdict": "approved"}).status_code == 403
    page = approver.get(where)
    assert "Awaiting approval" in page.content.decode() and [r["product"] for r in page.context["rows"]] == [
        product
    ]
    assert "Say what is wrong" in said(approver.post(where, {"verb": "reject", **ticks}, follow=True))
    seen = {f"seen-{asset.pk}": "0" * 64}
    assert "meanwhile" in said(approver.post(where, {"verb": "approve", **ticks, **seen}, follow=True))
    assert "1 picture rejected" in said(
        approver.post(where, {"verb": "reject", "note": "Crooked", **ticks}, follow=True)
    )
    found = approver.get(reverse("admin:rendering_matrix", query={"state": "rejected"}))
    assert [row["product"] for row in found.context["rows"]] == [product]
    with pytest.raises(approving.VerdictRefused):
        approving.approve(MediaAsset(pk=0), user=None)

    roles.make_groups()
    names = set(Group.objects.get(name="Approver").permissions.values_list("codename", flat=True))
    assert "approve_picture" in names and "view_mediaasset" in names and "add_order" not in names


def test_comments_have_a_place_in_the_picture_and_are_resolved(
    delivered: tuple[Product, Order, MediaAsset], staff: Callable[..., Client]
) -> None:
    _product, _placed, asset = delivered
    where = reverse("admin:media_assets_mediaasset_review", args=[asset.pk])
    viewer = staff("media_assets.view_mediaasset")
    assert viewer.post(where, {"comment": "Too dark"}).status_code == 403
    person = staff("media_assets.view_mediaasset", "rendering.add_picturecomment")
    said_of_it = {"comment": "Too dark <i>", "x": "25.5", "y": "40", "sha256": asset.sha256}
    html = person.post(where, said_of_it, follow=True).content.decode()
    assert 'cx="25.50%"' in html and "Too dark &lt;i&gt;" in html
    assert_strict(person.get(where, headers={"accept-language": "de"}), "review")
    for wrong, words in (
        ({"x": "101"}, "outside of the picture"),
        ({"x": "nan"}, "outside of the picture"),
        ({"x": ""}, "two numbers"),
        ({"comment": "  "}, "Write a comment first"),
        ({"sha256": "0" * 64}, "rendered again meanwhile"),
    ):
        assert words in person.post(where, {**said_of_it, **wrong}, follow=True).content.decode()
    one = PictureComment.objects.get()
    assert (one.x, one.y, one.text) == (0.255, 0.4, "Too dark <i>")
    assert viewer.post(where, {"resolve": one.pk}).status_code == 403
    for pk in ("9" * 30, "x", one.pk, one.pk):
        page = person.post(where, {"resolve": pk}, follow=True)
        assert page.status_code == 200
    assert page.context["pins"] == []
    assert HistoryEntry.objects.filter(verb="comment").count() == 2
    person.post(where, {"comment": "No place"})
    assert PictureComment.objects.latest("id").x is None


def test_a_rejected_picture_is_rendered_beside_itself_with_other_settings(
    delivered: tuple[Product, Order, MediaAsset], admin_client: Client, tmp_path: Path
) -> None:
    _product, _placed, asset = delivered
    approving.reject(asset, user=None, note="Too dark")
    where = reverse("admin:rendering_outputtype_add", query={"beside": str(asset.pk)})
    form = admin_client.get(where).context["adminform"].form
    data = {name: "" if value is None else value for name, value in form.initial.items()}
    assert data["slug"] == "draft-2" and data["needs_approval"] is True
    data = {name: value for name, value in data.items() if value is not False} | {"exposure": "1.5"}
    answer = admin_client.post(where, data, follow=True)
    assert "1 line" in said(answer), answer.context["adminform"].form.errors
    ends(tmp_path)
    other = OutputType.objects.get(slug="draft-2").order_lines.get().asset
    assert other is not None and other != asset and OutputType.objects.get(slug="draft-2").instead_of == asset
    for one, its in ((asset, other), (other, asset)):
        page = admin_client.get(reverse("admin:media_assets_mediaasset_review", args=[one.pk]))
        assert [row["asset"] for row in page.context["beside"]] == [its]
    asset.refresh_from_db()
    assert approvals_of([asset.pk, other.pk]) == {asset.pk: "rejected", other.pk: "awaiting"}


def test_programs_read_and_set_approval_with_a_token(
    delivered: tuple[Product, Order, MediaAsset], client: Client
) -> None:
    asset = delivered[2]
    boss, reader = factories.user(is_staff=True, is_superuser=True), factories.user(is_staff=True)
    roles.make_groups()
    reader.groups.add(Group.objects.get(name="Viewer"))

    def ask(
        user: Any, method: str, path: str, body: Any = None, scopes: tuple[str, ...] = ("read", "order")
    ) -> Any:
        _token, key = ApiToken.issue(user, "t", list(scopes))
        return client.generic(
            method,
            f"/api/v1/assets{path}",
            "" if body is None else json.dumps(body),
            content_type="application/json",
            headers={"authorization": f"Bearer {key}"},
        )

    one = f"/{asset.pk}"
    assert ask(reader, "GET", f"{one}/approval").json()["state"] == "awaiting"
    assert ask(reader, "GET", one).json()["approval"] == "awaiting"
    assert [row["id"] for row in ask(reader, "GET", "?approval=awaiting").json()["items"]] == [asset.pk]
    refused = ask(reader, "GET", f"{one}/file")
    assert (refused.status_code, refused.json()["code"]) == (403, "not_released")
    assert ask(boss, "GET", f"{one}/file").status_code == 200
    assert ask(reader, "POST", f"{one}/approve", {}).status_code == 403
    assert ask(boss, "POST", f"{one}/approve", {}, ("read",)).status_code == 403
    assert ask(boss, "POST", f"{one}/reject", {}).status_code == 422
    assert ask(boss, "POST", f"{one}/approve", {"sha256": "0" * 64}).status_code == 409
    done = ask(boss, "POST", f"{one}/approve", {"note": "Fine", "sha256": asset.sha256}).json()
    assert (done["state"], done["note"], done["by"]) == ("approved", "Fine", boss.get_username())
    assert ask(reader, "GET", f"{one}/file").status_code == 200
    assert ask(boss, "POST", f"{one}/reject", {"note": "No"}).json()["state"] == "rejected"
    assert HistoryEntry.objects.filter(verb__in=("approve", "reject"), user=boss).count() == 2
