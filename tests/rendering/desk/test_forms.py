"""Forms: choosing products, sending twice, two at once, a log-in in between, refusals with the navigation."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from gpu.models import SystemSettings
from media_assets.models import Product
from rendering.desk.output_types.form import AT
from rendering.models import MaterialRule, Order, OutputType, Workflow
from tests import factories
from tests.rendering.desk.conftest import World

pytestmark = pytest.mark.django_db

ORDER = "admin:rendering_order_add"
PICK = "admin:rendering_order_pick"


def fields_of(page: Any) -> dict[str, Any]:
    """What a browser would send of an admin form without having touched it."""
    form = page.context["adminform"].form
    sent = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    for one in page.context["inline_admin_formsets"]:
        management = one.formset.management_form
        sent |= {management.add_prefix(name): value for name, value in management.initial.items()}
        for row in one.formset.forms:
            for name, field in row.fields.items():
                sent[row.add_prefix(name)] = row.get_initial_for_field(field, name)
    found = re.search(r'name="_seen" value="([^"]*)"', page.content.decode())
    assert found
    sent = {name: [one.pk for one in v] if isinstance(v, list) else v for name, v in sent.items()}
    filled = {name: value for name, value in sent.items() if value not in (None, "") and value is not False}
    return {**filled, "_seen": unescape(found[1])}


def test_a_product_is_found_by_typing_and_shown_with_its_picture(
    world: World, admin_client: Client, staff: Callable[..., Client]
) -> None:
    for number in range(14):
        factories.product(number=f"77-{number:02d}")
    found = admin_client.get(reverse(PICK), {"q": "77-"}).content.decode()
    assert found.count('role="option"') == 12 and "There are more" in found
    assert f"/media/{world.asset.pk}/" in admin_client.get(reverse(PICK), {"q": "1001"}).content.decode()
    assert "<script>" not in admin_client.get(reverse(PICK), {"q": "1001<script>"}).content.decode()
    Product.objects.create(number="88-without")
    assert 'role="option"' not in admin_client.get(reverse(PICK), {"q": "88-"}).content.decode()
    chosen = admin_client.get(reverse(PICK), {"number": ["77-03", "1001", "gone"]}).content.decode()
    assert chosen.count('role="option"') == 2
    assert admin_client.get(reverse(PICK), {"q": "\x00" * 3 + "x" * 900}).status_code == 200
    assert staff("rendering.add_order").get(reverse(PICK)).status_code == 403


def test_a_form_sent_twice_asks_before_it_orders_again(world: World, admin_client: Client) -> None:
    page = admin_client.get(reverse(ORDER), {"product": "1001"})
    token = page.context["form"]["form_token"].value()
    data = {
        "products": "1001",
        "output_types": [factories.output_type("draft").pk],
        "priority": 50,
        "due": "2031-02-03",
        "note": "For the fair",
        "form_token": token,
    }
    assert admin_client.post(reverse(ORDER), data).status_code == 302
    order = Order.objects.latest("pk")
    assert (str(order.due), order.note) == ("2031-02-03", "For the fair")
    again = admin_client.post(reverse(ORDER), data)
    words = again.content.decode()
    assert "Already ordered as" in words and str(order) in words and "Order again" in words
    assert Order.objects.latest("pk") == order
    data["form_token"] = again.context["form"]["form_token"].value()
    assert data["form_token"] != token
    assert admin_client.post(reverse(ORDER), data).status_code == 302
    assert Order.objects.latest("pk") != order
    wrong = admin_client.post(reverse(ORDER), {**data, "due": "never", "form_token": "x"})
    assert wrong.status_code == 200 and "Enter a valid date" in wrong.content.decode()


def test_the_second_of_two_saves_says_what_the_first_changed(world: World, admin_client: Client) -> None:
    rule = MaterialRule.objects.first()
    workflow = Workflow.objects.first()
    assert rule and workflow
    kind = factories.output_type("still-1024")
    pages = {
        "rendering_outputtype": (kind, {"samples": 111}, {"samples": 222}, "Samples: 111"),
        "media_assets_product": (world.product, {"name": "First"}, {"name": "Second"}, "Name: First"),
        "gpu_systemsettings": (SystemSettings.load(), {"hang_seconds": 700}, {"hang_seconds": 800}, ": 700"),
        "rendering_materialrule": (rule, {"note": "First"}, {"note": "Second"}, "Note: First"),
        "rendering_workflow": (workflow, {"name": "First"}, {"name": "Second"}, "Name: First"),
    }
    for name, (row, first, second, words) in pages.items():
        address = reverse(f"admin:{name}_change", args=[row.pk])
        one = fields_of(admin_client.get(address))
        assert admin_client.post(address, {**one, **first}).status_code == 302, name
        refused = admin_client.post(address, {**one, **second})
        said = unescape(refused.content.decode())
        assert refused.status_code == 200 and "Somebody else has saved this page" in said and words in said, (
            name
        )
        row.refresh_from_db()
        assert {field: getattr(row, field) for field in first} == first
        replaced = {**one, **second, "_seen": fields_of(refused)["_seen"]}
        assert admin_client.post(address, replaced).status_code == 302, name
        row.refresh_from_db()
        assert {field: getattr(row, field) for field in second} == second
    for broken in ("", "[]", "{", "null", '{"samples": 5}', "[" * 9999):
        sent = {**fields_of(admin_client.get(reverse("admin:rendering_outputtype_change", args=[kind.pk])))}
        address = reverse("admin:rendering_outputtype_change", args=[kind.pk])
        assert admin_client.post(address, {**sent, "_seen": broken}).status_code in (200, 302)


def test_what_a_constraint_refuses_stands_at_its_field(world: World, admin_client: Client) -> None:
    assert set(AT) == {one.name for one in OutputType._meta.constraints}
    kind = factories.output_type("still-1024")
    address = reverse("admin:rendering_outputtype_change", args=[kind.pk])
    sent = {**fields_of(admin_client.get(address)), "format": "jpg", "background": "transparent"}
    form = admin_client.post(address, sent).context["adminform"].form
    assert list(form.errors) == ["background"]
    sent |= {"kind": "turntable", "format": "png", "background": "colour"}
    assert set(admin_client.post(address, sent).context["adminform"].form.errors) == {
        "format",
        "frames",
        "fps",
    }
    sent |= {"kind": "spin", "format": "jpg360", "frames": "720", "fps": "", "rows": "6"}
    sent |= {"lowest_row": "40", "highest_row": "40"}
    errors = admin_client.post(address, sent).context["adminform"].form.errors
    assert set(errors) == {"rows", "highest_row"} and "at most 3600 frames" in str(errors["rows"])


def test_a_form_from_before_a_log_in_is_kept_and_sent_with_the_new_token(
    world: World, admin_user: User
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(admin_user)
    data = {"products": "1001\n", "priority": "50", "note": "Two\nlines <b>", "csrfmiddlewaretoken": "x" * 64}
    same = {"headers": {"sec-fetch-site": "same-origin"}}
    kept = browser.post(reverse(ORDER), data, **same)
    page = kept.content.decode()
    assert kept.status_code == 403 and "Send it now" in page and "Two\nlines &lt;b&gt;</textarea>" in page
    assert 'id="nav-sidebar"' in page and "x" * 64 not in page
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token
    sent = browser.post(reverse(ORDER), {**data, "csrfmiddlewaretoken": token[1]}, **same)
    assert sent.status_code == 200 and "Choose at least one output type" in sent.content.decode()
    for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {}):
        assert b"Send it now" not in browser.post(reverse(ORDER), data, headers=headers).content
    secret = browser.post(reverse("admin:login"), {"username": "a", "password": "hidden-word"}, **same)
    assert b"hidden-word" not in secret.content and b"This page is out of date" in secret.content
    assert b"Send it now" not in Client(enforce_csrf_checks=True).post(reverse(ORDER), data, **same).content


def test_refusals_keep_the_navigation_for_the_desk_alone(
    world: World, admin_client: Client, client: Client, staff: Callable[..., Client]
) -> None:
    gone = reverse("admin:rendering_order_live", args=[999])
    missing = admin_client.get(gone)
    assert missing.status_code == 404 and b'id="nav-sidebar"' in missing.content
    assert b"This order is no longer there." in missing.content
    refused = staff().get(reverse("admin:rendering_order_changelist"))
    assert refused.status_code == 403 and b'id="nav-sidebar"' in refused.content
    outside = client.get("/nowhere/")
    assert outside.status_code == 404 and b"nav-sidebar" not in outside.content
