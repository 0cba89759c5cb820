"""What a running render shows of itself in the admin: for whom, where, and until when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes.receipt import Receipt
from rendering.catalog.plan import recipes_for
from rendering.farm import previews
from rendering.models import Job, Order, OrderLine
from rendering.queue import claims
from rendering.queue.claims import Claim
from tests import factories
from tests.media import place_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim() -> Claim:
    """A job that renders and has its coarse picture."""
    product = factories.product()
    factories.job(product=product, cad_file=product.cad_file, output_type=factories.output_type())
    claim = factories.claim()
    path = place_of(previews.file_of(claim.job.pk, claim.token))
    path.parent.mkdir(parents=True, exist_ok=True)
    factories.picture(path)
    claims.renew(claim, progress=0.999, stage="sample 127 of 128, about 2 s left")
    return claim


def address(claim: Claim) -> str:
    return reverse("admin:rendering_job_preview", args=[claim.job.pk])


def test_the_picture_is_for_those_who_may_see_jobs_and_pictures(
    claim: Claim, staff: Callable[..., Client]
) -> None:
    assert staff("rendering.view_job").get(address(claim)).status_code == 403
    assert staff("media_assets.view_mediaasset").get(address(claim)).status_code == 403
    client = staff("rendering.view_job", "media_assets.view_mediaasset")
    answer = client.get(address(claim))
    assert answer.status_code == 200 and answer["Content-Type"] == "image/png"
    assert "private" in answer["Cache-Control"] and "no-cache" in answer["Cache-Control"]
    again = client.get(address(claim), headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    assert Client().get(address(claim)).status_code == 302


def test_it_is_on_the_desk_and_on_the_pages_of_the_job_and_its_order(
    claim: Claim, admin_client: Client, staff: Callable[..., Client]
) -> None:
    job = claim.job
    order = Order.objects.create()
    line = OrderLine.objects.create(
        order=order,
        product=job.product,
        output_type=job.output_type,
        cad_file=job.cad_file,
        recipe_key="k",
        master_width=64,
        master_height=64,
        state=OrderLine.State.WORKING,
    )
    line.jobs.add(job)
    pages = (
        reverse("admin:rendering_job_change", args=[job.pk]),
        reverse("admin:rendering_job_live_page", args=[job.pk]),
        reverse("admin:rendering_order_change", args=[order.pk]),
        reverse("admin:index"),
    )
    for page in pages:
        assert f'src="{address(claim)}?v=' in admin_client.get(page).content.decode(), page
    blind = staff("rendering.view_job")
    for page in (pages[0], pages[1], pages[3]):
        shown = blind.get(page).content.decode()
        assert address(claim) not in shown and "99 %" in shown and "about 2 s left" in shown
    claims.succeed(claim)
    late = admin_client.get(address(claim))
    assert late.status_code == 200 and "no-store" in late["Cache-Control"] and len(late.content) < 100
    assert address(claim) not in admin_client.get(pages[0]).content.decode()


def test_it_stands_on_the_pages_of_its_product_and_file_until_there_is_a_picture(
    claim: Claim, admin_client: Client, staff: Callable[..., Client], tmp_path: Path
) -> None:
    product, cad_file = claim.job.product, claim.job.cad_file
    assert product and cad_file
    live = f"{reverse('admin:media_assets_cadfile_live')}?id={cad_file.pk}"
    pages = (
        reverse("admin:media_assets_product_change", args=[product.pk]),
        reverse("admin:media_assets_cadfile_changelist"),
        live,
    )
    for page in pages:
        assert f'src="{address(claim)}?v=' in admin_client.get(page).content.decode(), page
    sees = ("media_assets.view_cadfile", "media_assets.view_mediaasset")
    assert address(claim) not in staff(*sees).get(live).content.decode(), "may not see jobs"
    publish(
        factories.picture(tmp_path / "ready.png"),
        kind=MediaAsset.Kind.STILL,
        format_name="png",
        recipe=recipes_for(cad_file, factories.output_type(), product.pk).file,
        receipt=Receipt(),
        cad_file=cad_file,
    )
    assert address(claim) not in admin_client.get(live).content.decode()


def test_waiting_jobs_are_raised_and_counted(admin_client: Client) -> None:
    running = factories.job(priority=90)
    factories.claim()
    waiting = [factories.job(), factories.job(priority=995)]
    data = {"action": "raise_priority", "_selected_action": [running.pk, *(one.pk for one in waiting)]}
    page = admin_client.post(reverse("admin:rendering_job_changelist"), data, follow=True).content.decode()
    assert [Job.objects.get(pk=one.pk).priority for one in waiting] == [60, 1000]
    assert "Priority of 2 jobs raised by 10." in page and "1 job skipped" in page


def test_jobs_are_found_by_their_output_type(admin_client: Client) -> None:
    for slug in ("draft", "thumbnail"):
        factories.job(output_type=factories.output_type(slug))
    kind = factories.output_type("draft")
    answer = admin_client.get(
        reverse("admin:rendering_job_changelist"), {"output_type__id__exact": str(kind.pk)}
    )
    assert [job.output_type for job in answer.context["cl"].result_list] == [kind]
