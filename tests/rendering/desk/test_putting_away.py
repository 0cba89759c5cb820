"""Archive, bring back and delete on the pages: lists, buttons, previews, history."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.archivable import Archivable
from rendering import orders
from rendering.models import HistoryEntry, Order, OrderLine, OutputType, ShareLink
from rendering.models.roles import OPERATOR, RENDER_ADMIN, VIEWER, wanted
from tests import factories
from tests.rendering.desk.conftest import World
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]


def address(model: type[Any], page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def act(client: Client, action: str, *rows: Archivable, **more: Any) -> Any:
    ids = [row.pk for row in rows]
    where = f"{address(type(rows[0]))}?archived=all"
    return client.post(where, {"action": action, "_selected_action": ids, **more}, follow=True)


def shown(client: Client, model: type[Any], query: str = "") -> list[Any]:
    page = client.get(f"{address(model)}{query}")
    assert_strict(page, query)
    return list(page.context["cl"].result_list)


def settle(world: World) -> None:
    """Nothing is in progress, and no link is open."""
    for job in (world.running, world.queued):
        type(job).objects.filter(pk=job.pk).update(
            state="canceled", finished=timezone.now(), lease_token=None, lease_until=None
        )
    ShareLink.objects.update(expires=timezone.now() - timedelta(days=1))


def test_each_list_shows_what_is_archived_only_when_asked(world: World, admin_client: Client) -> None:
    kind = factories.output_type("gone", width=64, height=64)
    for row in (world.product, world.failed_cad_file, world.asset, kind):
        model = type(row)
        assert row in shown(admin_client, model)
        model._default_manager.filter(pk=row.pk).update(archived_at=timezone.now())
        assert row not in shown(admin_client, model)
        assert shown(admin_client, model, "?archived=yes") == [row]
        assert row in shown(admin_client, model, "?archived=all")
        page = admin_client.get(address(model, "change", row.pk))
        assert_strict(page, str(row))
        text = page.content.decode()
        assert "Archived on" in text and "Bring back" in text and "Delete…" in text
        assert "Order output types…" not in text and 'name="_save"' not in text


def test_a_product_is_archived_and_brought_back_with_one_click_each(
    world: World, admin_client: Client
) -> None:
    said = act(admin_client, "archive", world.product, _from_page=world.product.pk).content.decode()
    assert "1 archived: 1001" in said and "With it:" in said and "Archived on" in said
    assert world.product not in admin_client.get(reverse("admin:rendering_matrix")).context["page"]
    entry = HistoryEntry.objects.first()
    assert entry is not None and (entry.verb, entry.person) == ("archive", "admin")
    assert "With it: " in entry.words and entry.subjects.count() == 2
    assert "Nothing to archive" in act(admin_client, "archive", world.product).content.decode()
    act(admin_client, "restore", world.product)
    assert not Product.objects.get(pk=world.product.pk).is_archived
    assert not CadFile.objects.get(pk=world.cad_file.pk).is_archived
    assert HistoryEntry.objects.first().verb == "restore"  # type: ignore[union-attr]


def test_pickers_searches_and_forms_offer_nothing_that_is_archived(
    world: World, admin_client: Client
) -> None:
    orders.archive([world.product])
    fields = (("product", "materialrule", "rendering"), ("cad_file", "product", "media_assets"))
    for field, model, app in fields:
        query = {"app_label": app, "model_name": model, "field_name": field, "term": ""}
        found = admin_client.get(reverse("admin:autocomplete"), query).json()["results"]
        ids = {int(one["id"]) for one in found}
        assert not ids & {world.product.pk, world.cad_file.pk}
    form = {"products": "1001", "output_types": [OutputType.objects.get(slug="draft").pk], "priority": 50}
    said = admin_client.post(reverse("admin:rendering_order_add"), form).content.decode()
    assert "Archived products can&#x27;t be ordered. Bring them back first: 1001" in said
    said = admin_client.post(address(Product, "add"), {"number": "1001", "name": ""}).content.decode()
    assert "is archived. Bring it back, or choose another number." in said


def test_a_broken_upload_leaves_the_desk(world: World, admin_client: Client) -> None:
    name = world.failed_cad_file.original_name
    assert name in admin_client.get(reverse("admin:index")).content.decode()
    act(admin_client, "archive", world.failed_cad_file)
    assert name not in admin_client.get(reverse("admin:index")).content.decode()


def test_the_preview_lists_what_goes_and_links_what_refuses(world: World, admin_client: Client) -> None:
    orders.archive([world.product])
    page = act(admin_client, "delete_archived", Product.objects.get(pk=world.product.pk))
    assert_strict(page, "preview")
    text = page.content.decode()
    for words in ("be deleted yet", "This share link is open", "This job is waiting or running"):
        assert words in text
    assert reverse("admin:rendering_sharelink_change", args=[ShareLink.objects.get().pk]) in text
    assert 'class="deletelink"' not in text
    settle(world)
    text = admin_client.get(address(Product, "delete", world.product.pk)).content.decode()
    assert 'class="deletelink"' in text and "CAD files" in text and "Thumbnail" in text


def test_a_deleted_product_keeps_its_words_on_every_page(world: World, admin_client: Client) -> None:
    settle(world)
    orders.archive([world.product])
    page = act(admin_client, "delete_archived", Product.objects.get(pk=world.product.pk))
    seen = page.context["plan"].seen
    said = act(admin_client, "delete_archived", world.product, seen=seen).content.decode()
    assert "1 deleted: 1001" in said and not Product.objects.exists()
    pages = (
        address(Order, "change", world.order.pk),
        address(Order),
        reverse("admin:rendering_job_changelist"),
        reverse("admin:rendering_job_change", args=[world.succeeded.pk]),
        reverse("admin:rendering_order_zip", args=[world.order.pk]),
    )
    for where in pages:
        page = admin_client.get(where)
        assert page.status_code == 200 and "1001" in page.content.decode(), where
    assert OrderLine.objects.filter(product_number="1001").count() == 2
    (entry,) = HistoryEntry.objects.filter(verb="delete")
    assert (entry.person, "1001" in entry.name, "Thumbnail: 1" in entry.words) == ("admin", True, True)
    for action in ("retry_failed", "render_again"):
        where = address(Order)
        answer = admin_client.post(where, {"action": action, "_selected_action": world.order.pk}, follow=True)
        assert answer.status_code == 200


def test_pages_of_pictures_of_a_deleted_output_type_answer(world: World, admin_client: Client) -> None:
    settle(world)
    kind = OutputType.objects.get(slug="thumbnail")
    kind.workflows.through.objects.filter(output_type=kind).delete()
    orders.archive([kind])
    kind.refresh_from_db()
    orders.delete([kind], orders.plan_deletion([kind]).seen)
    for where in (
        address(MediaAsset, "change", world.asset.pk),
        address(MediaAsset),
        address(Product, "change", world.product.pk),
        address(Order, "change", world.order.pk),
    ):
        assert admin_client.get(where).status_code == 200, where
    text = admin_client.get(address(Order, "change", world.order.pk)).content.decode()
    assert kind.name in text and "(deleted)" in text


def test_a_hostile_deletion_answers(world: World, admin_client: Client) -> None:
    assert admin_client.get(address(Product, "delete", "x")).status_code == 404
    orders.archive([world.product])
    page = act(admin_client, "delete_archived", world.product, seen="x")
    assert page.status_code == 200 and Product.objects.exists()
    assert admin_client.get(f"{address(Product)}?archived=<b>").status_code == 200


def test_operators_archive_and_render_admins_delete(world: World, staff: Callable[..., Client]) -> None:
    found = wanted()
    rows = ("product", "cadfile", "mediaasset")
    for name in (f"media_assets.archive_{row}" for row in rows):
        assert [name in found[role] for role in (VIEWER, OPERATOR, RENDER_ADMIN)] == [False, True, True]
    assert [("rendering.archive_outputtype" in found[role]) for role in (OPERATOR, RENDER_ADMIN)] == [
        False,
        True,
    ]
    for name in (f"media_assets.delete_{row}" for row in rows):
        assert [name in found[role] for role in (OPERATOR, RENDER_ADMIN)] == [False, True]
    assert Permission.objects.filter(codename="archive_outputtype").exists()
    orders.archive([world.product])
    client = staff("media_assets.view_product", "media_assets.archive_product")
    assert client.get(address(Product, "delete", world.product.pk)).status_code == 403
    assert "Delete…" not in client.get(address(Product, "change", world.product.pk)).content.decode()
    where = f"{address(Product)}?archived=all"
    answer = client.post(where, {"action": "delete_archived", "_selected_action": world.product.pk})
    assert answer.status_code == 403
