"""The desk begins with the work; the side bar, the search and the shortcuts lead to it, as far as one may see it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from media_assets.ingest import receive
from media_assets.models import CadFile
from rendering.models import Order
from tests import factories
from tests.rendering.desk.conftest import EVIL, World
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]

DESK = reverse("admin:index")


def panel(html: str, name: str) -> str:
    found = html.split(f'data-live-key="{name}"', 1)
    return found[1].split("</section>", 1)[0] if len(found) > 1 else ""


def test_running_orders_come_first_with_mine_on_top_and_late_ones_marked(
    world: World, admin_client: Client, admin_user: object
) -> None:
    yesterday = timezone.localdate() - timedelta(days=1)
    mine = Order.objects.create(ordered_by=admin_user, due=yesterday, note="For the fair")
    other = Order.objects.create(ordered_by=factories.user(), due=timezone.localdate())
    Order.objects.create(finished=timezone.now(), note="Over")
    html = admin_client.get(DESK).content.decode()
    shown = panel(html, "orders")
    assert (
        shown.index(str(mine)) < shown.index(str(other)) and "For the fair" in shown and "Over" not in shown
    )
    assert f"{yesterday} late" in shown and f"due {timezone.localdate()}" in shown
    places = [
        html.index(f'data-live-key="{name}"') for name in ("orders", "decisions", "stale", "failed", "cards")
    ]
    assert places == sorted(places)


def test_what_only_a_person_can_say_and_what_a_revision_made_stale_is_on_the_desk(
    world: World, admin_client: Client
) -> None:
    factories.cad_file(original_name="looked.step", waits_for_look=True)
    factories.cad_file(
        original_name="unit.stl", state="failed", error_code="unit_unknown", error="Which unit?"
    )
    world.asset.delivery_state = "earlier"
    world.asset.save()
    receive.assign(world.product, factories.cad_file(original_name="second.step"))
    html = admin_client.get(DESK).content.decode()
    asked = panel(html, "decisions")
    assert "looked.step" in asked and "unit.stl" in asked and "unit.stl" not in panel(html, "failed")
    assert world.product.number in panel(html, "stale")


def test_the_desk_shows_what_one_may_see_and_no_more(world: World, staff: Callable[..., Client]) -> None:
    html = staff("rendering.view_order").get(DESK).content.decode()
    assert panel(html, "orders")
    assert not any(panel(html, name) for name in ("decisions", "stale", "failed", "cards"))
    assert "Upload" not in html and reverse("admin:rendering_order_add") not in html


def test_the_side_bar_leads_to_deliverables_reports_and_activity(
    world: World, admin_client: Client, staff: Callable[..., Client]
) -> None:
    wanted = [reverse(f"admin:{name}") for name in ("rendering_matrix", "reports", "storage")]
    wanted.append(reverse("admin:rendering_historyentry_changelist"))
    bar = admin_client.get(DESK).content.decode().split('id="nav-sidebar"')[1].split("</nav>")[0]
    assert all(f'href="{address}"' in bar for address in wanted)
    bar = (
        staff("rendering.view_job").get(DESK).content.decode().split('id="nav-sidebar"')[1].split("</nav>")[0]
    )
    assert not any(f'href="{address}"' in bar for address in wanted)


def found(client: Client, text: str, **more: str) -> str:
    response = client.get(reverse("admin:search"), {"q": text, **more})
    assert response.status_code == 200
    assert_strict(response, text)
    return response.content.decode()


def test_the_search_finds_products_orders_parts_and_jobs(world: World, admin_client: Client) -> None:
    part = factories.cad_file(
        original_name="a.step", tree={"name": "A", "children": [{"name": "Kegelrolle"}]}
    )
    assert CadFile.objects.get(pk=part.pk).part_names == "A\nKegelrolle"
    address = reverse("admin:media_assets_cadfile_change", args=[part.pk])
    assert address in found(admin_client, "kegel") and address in found(admin_client, "Kegel", box="1")
    assert reverse("admin:media_assets_product_change", args=[world.product.pk]) in found(
        admin_client, "1001"
    )
    for text in (str(world.order), str(world.order.pk), f"#{world.order.pk}"):
        assert reverse("admin:rendering_order_change", args=[world.order.pk]) in found(admin_client, text)
    assert reverse("admin:rendering_job_change", args=[world.failed.pk]) in found(
        admin_client, str(world.failed)
    )
    for text in ("", "%", "9" * 30, "\x00", EVIL, "x" * 500, "' OR 1=1 --", "٣"):
        found(admin_client, text)


def test_the_search_finds_nothing_that_one_may_not_see(world: World, staff: Callable[..., Client]) -> None:
    client = staff("rendering.view_order")
    assert "Nothing that you may see" in found(client, "1001")
    assert str(world.order) in found(client, str(world.order.pk))
    assert "Jobs" not in found(client, str(world.failed.pk)).split("<main")[1]


def test_the_search_asks_as_many_queries_whatever_there_is(world: World, admin_client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            found(admin_client, "p", box="1")
        return len(captured)

    few = count()
    for number in range(30):
        factories.product(number=f"P-many-{number}")
    assert count() <= few + 1 and found(admin_client, "P-many", box="1").count("P-many-") == 6


def test_shortcuts_lead_only_where_one_may_go(admin_client: Client, staff: Callable[..., Client]) -> None:
    assert 'data-keys="g p"' in admin_client.get(DESK).content.decode()
    html = staff("rendering.view_job").get(DESK).content.decode()
    assert 'data-keys="g j"' in html and 'data-keys="g p"' not in html and 'data-keys="u"' not in html
