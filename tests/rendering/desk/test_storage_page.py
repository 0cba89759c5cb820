"""The page of the storage, what other pages show of a file that was pruned, and who may do what there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gpu.models import SystemSettings
from media_assets import storage
from media_assets.models import MediaAsset
from rendering.farm import pruning
from rendering.models import HistoryEntry, ShareLink
from rendering.queue import schedules
from tests import factories
from tests.rendering.desk.conftest import World
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.farm.pruning.world import deliver, made, rules, unused

pytestmark = pytest.mark.django_db

SEES = "gpu.view_systemsettings"


@pytest.fixture
def superseded(tmp_path: Path) -> MediaAsset:
    rules(superseded_days=30)
    product = factories.product(number="P-7")
    found = [made("still", tmp_path, product.cad_file, number, seconds={"encode": 1.5}) for number in (1, 2)]
    for one in found:
        deliver(product, one)
    MediaAsset.objects.update(product=product)
    return unused(found[0], 40)


def body(client: Client) -> str:
    response = client.get(reverse("admin:storage"))
    assert response.status_code == 200
    assert_strict(response, "storage")
    return " ".join(response.content.decode().split())


def test_it_shows_what_there_is_and_what_would_go_with_the_reason_and_the_cost(
    admin_client: Client, superseded: MediaAsset
) -> None:
    page = body(admin_client)
    assert "1 file, " in page and "To make it again would take 1.5 s" in page
    assert "not used for 40 days; kept for 30" in page and "P-7" in page
    assert "Superseded pictures" in page and "Pictures in use" in page and "CAD files" in page
    assert "“prune every day” is off" in page and "Prune now" in page
    assert reverse("admin:media_assets_mediaasset_change", args=[superseded.pk]) in page


def test_a_budget_has_a_bar(admin_client: Client, superseded: MediaAsset) -> None:
    assert '<svg class="bar"' not in body(admin_client)
    rules(superseded_gb=superseded.bytes / 2e9)
    page = body(admin_client)
    assert '<svg class="bar"' in page and "is-over" in page and "more than" in page


def test_without_anything_to_delete_it_says_so(admin_client: Client) -> None:
    rules()
    assert "Nothing: everything is used, needed or within the rules." in body(admin_client)


def test_prune_now_is_done_by_the_queue_and_recorded(admin_client: Client, superseded: MediaAsset) -> None:
    response = admin_client.post(reverse("admin:storage_prune"))
    assert response.url == reverse("admin:storage") and storage.exists(superseded.file)
    page = body(admin_client)
    assert "Being pruned" in page and "Prune now" not in page
    assert "Pruning has been requested" in page
    entry = HistoryEntry.objects.get()
    assert (entry.person, entry.words) == ("admin", "Prune requested.")
    assert (
        "was already requested"
        in admin_client.post(reverse("admin:storage_prune"), follow=True).content.decode()
    )
    pruning.go_on()
    page = body(admin_client)
    assert "Last run" in page and "by admin: 1 file, " in page and not storage.exists(superseded.file)
    assert "would take 1.5 s" in page


def test_trouble_of_the_last_run_is_shown(admin_client: Client, superseded: MediaAsset) -> None:
    outcome = pruning.Outcome.new("olga")
    outcome.trouble, outcome.finished = "Read-only file system", timezone.now().isoformat()
    SystemSettings.objects.update(prune_last_result=outcome.to_json())
    assert "It stopped early: Read-only file system." in body(admin_client)


def test_the_next_run_is_shown_where_it_is_switched_on(admin_client: Client) -> None:
    rules(prune_daily=True)
    schedules.make_schedules()
    when = schedules.next_prune()
    assert when and f"Next time: {timezone.localtime(when):%Y-%m-%d %H:%M}" in body(admin_client)


def test_deleting_needs_a_permission_of_its_own(staff: Callable[..., Client], superseded: MediaAsset) -> None:
    prune = reverse("admin:storage_prune")
    assert staff().get(reverse("admin:storage")).status_code == 403
    looks = staff(SEES)
    page = body(looks)
    assert "Prune now" not in page and "Change the rules" not in page
    assert looks.post(prune).status_code == 403 and looks.get(prune).status_code == 405
    both = staff(SEES, "gpu.prune")
    assert "Prune now" in body(both) and both.post(prune).status_code == 302


def test_pages_of_a_pruned_file_say_so(admin_client: Client, world: World) -> None:
    asset = world.asset
    MediaAsset.objects.filter(pk=asset.pk).update(pruned=timezone.now(), poster="")
    storage.delete(asset.file)
    page = admin_client.get(reverse("admin:media_assets_mediaasset_change", args=[asset.pk]))
    words = " ".join(page.content.decode().split())
    assert page.status_code == 200 and "to free space. Recipe and receipt are kept" in words
    assert "data-copy" not in words and "<img class" not in words and "Share…" not in words
    for address in (
        "/admin/media_assets/mediaasset/",
        "/admin/media_assets/mediaasset/?view=grid",
        reverse("admin:rendering_order_change", args=[world.order.pk]),
        reverse("admin:media_assets_product_change", args=[world.product.pk]),
        reverse("admin:media_assets_cadfile_change", args=[world.cad_file.pk]),
        reverse("admin:index"),
    ):
        found = admin_client.get(address)
        assert found.status_code == 200 and f"/media/{asset.pk}/" not in found.content.decode(), address
    for name in ("asset", "small"):
        gone = admin_client.get(reverse(f"media_assets:{name}", args=[asset.pk, f"{asset.sha256[:12]}.png"]))
        assert gone.status_code == 404 and "to free space. Order it again." in gone.content.decode()


def test_a_pruned_file_is_neither_shared_nor_packed(admin_client: Client, world: World) -> None:
    asset = world.asset
    MediaAsset.objects.filter(pk=asset.pk).update(pruned=timezone.now())
    made_before = ShareLink.objects.create(order=world.order, expires=timezone.now() + timedelta(days=1))
    assert list(made_before.files()) == []
    form = {"asset": asset.pk, "days": 7, "note": ""}
    refused = admin_client.post(reverse("admin:rendering_sharelink_add"), form)
    assert "Its file was deleted to free space." in refused.content.decode()
    packed = admin_client.get(reverse("admin:rendering_order_zip", args=[world.order.pk]))
    assert "The file was deleted to free space. Order it again." in packed.content.decode()


def test_sharing_is_a_use(admin_client: Client, world: World) -> None:
    asset = unused(world.asset, 40)
    admin_client.post(reverse("admin:rendering_sharelink_add"), {"asset": asset.pk, "days": 7, "note": ""})
    asset.refresh_from_db()
    assert timezone.now() - asset.last_used < timedelta(minutes=1)


def test_downloading_is_a_use_once_a_day(
    admin_client: Client, world: World, django_assert_max_num_queries: Callable[..., object]
) -> None:
    asset = unused(world.asset, 40)
    address = f"/media/{asset.pk}/{asset.sha256[:12]}.png"
    assert admin_client.get(address).status_code == 200
    used = MediaAsset.objects.get(pk=asset.pk).last_used
    assert timezone.now() - used < timedelta(minutes=1)
    admin_client.get(address)
    assert MediaAsset.objects.get(pk=asset.pk).last_used == used
