from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from rendering.models import ChannelProfile
from tests import factories
from tests.rendering.desk.conftest import EVIL, World
from tests.rendering.desk.pages import page_names, url

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]

# What these models do not offer is refused; everything else answers.
NEVER_ADDED = {
    "media_assets.mediaasset",
    "rendering.alert",
    "rendering.historyentry",
    "rendering.notification",
    "rendering.job",
    "gpu.systemsettings",
    "gpu.gpudevice",
    "gpu.gpuprobe",
    "gpu.worker",
}
NEVER_DELETED = {
    "rendering.order",
    "rendering.sharelink",
    "rendering.apitoken",
    "rendering.alert",
    "rendering.historyentry",
    "rendering.notification",
    "rendering.job",
    "gpu.systemsettings",
    "gpu.gpuprobe",
    "gpu.worker",
}
OWN_PAGES = (
    "admin:index",
    "admin:desk_live",
    "admin:rendering_job_live",
    "admin:login",
    "admin:password_change",
    "admin:my_news",
    "admin:preferences",
    "admin:storage",
    "admin:search",
    "admin:rendering_channelprofile_shipped",
    "admin:rendering_workflow_spare_parts",
    "admin:media_assets_product_identifiers",
)

INLINE = {
    "script": re.compile(r"<script(?![^>]*\ssrc=)", re.IGNORECASE),
    "style element": re.compile(r"<style", re.IGNORECASE),
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "event attribute": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "javascript link": re.compile(r"href\s*=\s*[\"']?javascript:", re.IGNORECASE),
    "number by locale": re.compile(
        r"<(?:rect|svg|progress|img)\b[^>]*\s(?:x|y|width|height|value|max)=\"\d+,\d"
    ),
}


def assert_strict(response: object, where: str) -> None:
    """No inline code, a policy that would stop it, and no number that only people can read."""
    policy = response["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy, where
    html = response.content.decode()
    for name, pattern in INLINE.items():
        found = pattern.search(html)
        assert not found, f"{where} has an inline {name}: {html[found.start() : found.start() + 90]}"
    assert EVIL not in html, f"{where} does not escape names"


@pytest.mark.parametrize(("label", "page"), page_names())
def test_every_page_answers_an_administrator_without_inline_code(
    label: str, page: str, world: World, admin_client: Client
) -> None:
    Group.objects.create(name="Operators")
    response = admin_client.get(url(label, page), headers={"accept-language": "de"})
    if (page == "add" and label in NEVER_ADDED) or (page == "delete" and label in NEVER_DELETED):
        assert response.status_code == 403
    elif label == "gpu.systemsettings" and page == "changelist":
        assert response.url == reverse("admin:gpu_systemsettings_change", args=[1])
        return
    else:
        assert response.status_code == 200
    assert_strict(response, f"{label} {page}")


@pytest.mark.parametrize(("label", "page"), page_names())
def test_every_page_refuses_staff_without_permissions(
    label: str, page: str, world: World, staff: Callable[..., Client]
) -> None:
    Group.objects.create(name="Operators")
    response = staff().get(url(label, page))
    if (label, page) == ("rendering.historyentry", "history"):  # what others did is not there for them at all
        assert response.url == reverse("admin:index")
    else:
        assert response.status_code == 403


@pytest.mark.parametrize("name", OWN_PAGES)
def test_own_pages_answer_an_administrator_without_inline_code(
    name: str, world: World, admin_client: Client
) -> None:
    response = admin_client.get(reverse(name), {"id": [world.running.pk]}, follow=True)
    assert response.status_code == 200
    assert_strict(response, name)


def test_the_readiness_of_a_channel_answers_an_administrator_without_inline_code(
    world: World, admin_client: Client
) -> None:
    profile = ChannelProfile.objects.get()
    profile.outputs.create(output_type=factories.output_type("thumbnail"), code="SMALL")
    response = admin_client.get(reverse("admin:rendering_channelprofile_products", args=[profile.pk]))
    assert response.status_code == 200 and "not measured" in response.content.decode()
    assert_strict(response, "readiness")


@pytest.mark.parametrize("state", ["running", "queued", "failed", "canceled", "succeeded"])
def test_a_job_page_answers_in_every_state(state: str, world: World, admin_client: Client) -> None:
    job = getattr(world, state)
    for name in ("admin:rendering_job_change", "admin:rendering_job_live_page"):
        response = admin_client.get(reverse(name, args=[job.pk]))
        assert response.status_code == 200
        assert_strict(response, f"{name} {state}")


def test_refusals_and_missing_pages_say_so_in_plain_words(
    admin_client: Client, staff: Callable[..., Client]
) -> None:
    missing = admin_client.get("/media/999/x.png")
    refused = staff().get(reverse("admin:rendering_job_changelist"))
    assert (missing.status_code, refused.status_code) == (404, 403)
    assert "Back to the home page" in missing.content.decode()
    assert "permission" in refused.content.decode()
    assert_strict(missing, "404")
    assert_strict(refused, "403")


def test_strangers_are_asked_to_log_in(client: Client, world: World) -> None:
    for address in (reverse("admin:index"), reverse("admin:desk_live"), f"/media/{world.asset.pk}/x.png"):
        assert client.get(address).url.startswith("/admin/login/")


def test_pages_that_unpickle_queue_messages_do_not_exist(admin_client: Client) -> None:
    assert admin_client.get("/admin/django_q/ormq/").status_code == 404
    assert admin_client.get("/admin/django_q/success/").status_code == 404


def test_lists_can_be_searched_and_filtered(world: World, admin_client: Client) -> None:
    for address in (
        "/admin/media_assets/cadfile/?q=part&state__exact=ready",
        "/admin/media_assets/product/?q=1001",
        "/admin/media_assets/mediaasset/?q=1001&device=fallback&kind__exact=thumbnail",
        "/admin/rendering/order/?q=1001&lines__state=failed",
        "/admin/rendering/job/?q=1001&state__exact=failed&error_code=timed_out&queue=asset_pipeline",
        "/admin/rendering/outputtype/?q=still",
        "/admin/gpu/worker/?q=h1",
    ):
        response = admin_client.get(address)
        assert response.status_code == 200, address
