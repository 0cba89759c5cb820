"""What a running render shows of itself in the admin: for whom, where, and until when."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from blender_scripts.contract import Progress
from media_assets.cad.contract import ConversionProgress
from media_assets.ingest.publish import publish
from media_assets.models import MediaAsset
from media_assets.recipes.receipt import Receipt
from rendering.catalog.plan import recipes_for
from rendering.farm import previews
from rendering.farm.driving import LiveProgress
from rendering.farm.expectation import Expectation
from rendering.farm.runners import tessellate, turntable
from rendering.models import Job, Order, OrderLine
from rendering.models.sentence import Sentence
from rendering.queue import claims
from rendering.queue.claims import Claim
from tests import factories
from tests.media import place_of

pytestmark = pytest.mark.django_db

SAMPLING = Progress("sample", sample=32, samples=64, remaining_seconds=5.0)
MESHED = ConversionProgress(0.5, "mesh", "Meshed 2 of 5 parts")
UNHEARD = ConversionProgress(0.5, "mesh", '{"english":"<b>{said}","values":{}}')


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


@pytest.mark.parametrize(
    ("stage", "german", "english"),
    [
        (
            LiveProgress(Expectation())(SAMPLING)["stage"],
            "Abtastung 32 von 64, noch etwa 5 s",
            "sample 32 of 64, about 5 s left",
        ),
        (
            turntable.live_status(2, 24, 1, 24, 5.0)(SAMPLING)["stage"],
            "Einzelbild 2 von 24: Abtastung 32 von 64, noch etwa 2 min",
            "frame 2 of 24: sample 32 of 64, about 2 min left",
        ),
        (tessellate.stage_of(MESHED), "2 von 5 Teilen vernetzt", "Meshed 2 of 5 parts"),
        (
            tessellate.stage_of(UNHEARD),
            "{&quot;english&quot;:&quot;&lt;b&gt;{said}",
            UNHEARD.message,
        ),
        ("as an earlier release kept it", "as an earlier release kept it", "as an earlier release kept it"),
    ],
)
def test_how_far_a_job_is_is_said_in_the_language_of_whoever_reads_it(
    stage: Sentence | str, german: str, english: str, admin_client: Client
) -> None:
    """Whatever language the worker has; for programs in English."""
    job = factories.job()
    claim = factories.claim()
    with translation.override("zh-hans"):
        claims.renew(claim, progress=0.4, stage=stage)
    for name, given in (
        ("rendering_job_live_page", [job.pk]),
        ("rendering_job_changelist", []),
        ("media_assets_cadfile_changelist", []),
        ("desk_live", []),
    ):
        answer = admin_client.get(reverse(f"admin:{name}", args=given), headers={"accept-language": "de"})
        assert german in answer.content.decode(), name
    job.refresh_from_db()
    with translation.override("de"):
        assert job.as_dict()["stage"] == english
    assert len(job.stage.to_text()) <= 300


def test_why_a_job_was_paused_is_said_in_the_language_of_whoever_reads_it(
    claim: Claim, admin_client: Client
) -> None:
    other = Sentence.of("{kind} {number}", kind=Job.Kind.RENDER.label, number=27)
    why = Sentence.of("paused after frame {last} to let {other} run", last=3, other=other)
    with translation.override("zh-hans"):
        claims.hand_back(claim, why)
    address = reverse("admin:rendering_job_live_page", args=[claim.job.pk])
    page = admin_client.get(address, headers={"accept-language": "de"}).content.decode()
    assert page.count("nach Einzelbild 3 angehalten, um Rendern 27 vorzulassen") >= 1
    assert claim.job.attempts.get().error == "paused after frame 3 to let Render 27 run"
