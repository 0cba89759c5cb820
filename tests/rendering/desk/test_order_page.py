"""An order's page: what it shows of its lines and figures, and what can be changed there."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from gpu.models import Worker
from media_assets.ingest.publish import publish
from media_assets.recipes.receipt import Receipt
from media_assets.serving.links import small_url
from rendering import orders
from rendering.models import Job, Order, OrderLine, OutputType
from rendering.orders.figures import Figures
from rendering.orders.forecast import forecast
from tests import factories
from tests.rendering.desk.test_actions import act, said
from tests.rendering.steps import ends, order, runs

pytestmark = pytest.mark.django_db


def page(client: Client, placed: Order, **query: str) -> str:
    response = client.get(reverse("admin:rendering_order_change", args=[placed.pk]), query)
    assert response.status_code == 200
    return str(response.content.decode())


def save(client: Client, placed: Order, **fields: object) -> Any:
    data = {"priority": placed.priority, "due": "", "note": "", **fields}
    return client.post(reverse("admin:rendering_order_change", args=[placed.pk]), data, follow=True)


def test_an_order_is_paused_resumed_and_raised_from_its_list(admin_client: Client) -> None:
    placed = order(factories.product(), "draft")
    assert "1 order paused" in said(act(admin_client, "rendering.order", "pause", [placed]))
    assert Job.objects.get().held and "Paused" in page(admin_client, placed)
    assert "already paused" in said(act(admin_client, "rendering.order", "pause", [placed]))
    assert "1 order resumed" in said(act(admin_client, "rendering.order", "resume", [placed]))
    before = Job.objects.get().priority
    assert "1 job moved up" in said(act(admin_client, "rendering.order", "raise_priority", [placed]))
    assert Job.objects.get().priority == before + 10


def test_priority_due_date_and_note_are_edited_on_the_page(admin_client: Client) -> None:
    placed = order(factories.product(), "draft")
    response = save(admin_client, placed, priority=85, due="2026-12-01", note="For the fair.")
    assert "Priority of 1 job changed" in said(response)
    placed.refresh_from_db()
    assert (placed.priority, str(placed.due), placed.note) == (85, "2026-12-01", "For the fair.")
    assert Job.objects.get().priority == 85


@pytest.mark.parametrize("priority", ["99999", "x", ""])
def test_a_priority_that_no_order_may_have_is_refused_and_changes_nothing(
    priority: str, admin_client: Client
) -> None:
    placed = order(factories.product(), "draft")
    assert b"errorlist" in save(admin_client, placed, priority=priority, note="kept back").content
    placed.refresh_from_db()
    assert (placed.priority, placed.note) == (50, "")


def test_lines_are_counted_filtered_and_paged(admin_client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rendering.desk.orders.lines.PER_PAGE", 3)
    kind = factories.output_type("draft")
    products = [factories.product() for _ in range(5)]
    placed = orders.place([orders.Wish(product, kind) for product in products], trigger="operator")
    orders.cancel_line(placed.lines.first())  # type: ignore[arg-type]
    assert "1 to 3 of 5" in page(admin_client, placed)
    assert "4 to 5 of 5" in page(admin_client, placed, page="2")
    canceled = page(admin_client, placed, show="canceled")
    assert products[0].number in canceled and products[1].number not in canceled
    assert "No lines match" in page(admin_client, placed, show="failed")
    for nonsense in ({"show": "x"}, {"page": "x"}, {"page": "99"}):
        page(admin_client, placed, **nonsense)


def test_the_page_says_what_was_rendered_and_what_reuse_saved(tmp_path: Path, admin_client: Client) -> None:
    product = factories.product()
    first = order(product, "draft")
    ends(tmp_path)
    again = order(product, "draft")
    assert Figures.of(first).cpu_seconds == 1.0 and Figures.of(first).saved_seconds == 0.0
    assert (Figures.of(again).saved_seconds, Figures.of(again).reused) == (1.0, 1)
    shown = page(admin_client, again)
    assert "Saved by reuse" in shown and "1.0 s (1 pictures)" not in shown


def test_a_due_date_is_met_or_missed(tmp_path: Path) -> None:
    placed = order(factories.product(), "draft")
    today = timezone.localdate()
    placed.due = today - timedelta(days=1)
    assert Figures.of(placed).is_late is True
    placed.due = today
    ends(tmp_path)
    assert Figures.of(placed).is_late is False
    placed.due = today - timedelta(days=1)
    assert Figures.of(placed).is_late is True
    placed.due = None
    assert Figures.of(placed).is_late is None


def test_the_forecast_is_the_median_of_such_jobs_over_the_workers(tmp_path: Path) -> None:
    order(factories.product(), "draft")
    assert "No tessellate job has finished" in forecast(Order.objects.get()).why
    ends(tmp_path)
    for job in Job.objects.filter(kind=Job.Kind.RENDER):
        Job.objects.filter(pk=job.pk).update(started=job.finished - timedelta(seconds=40))  # type: ignore[operator]
    kind = OutputType.objects.get(slug="draft")
    products = [factories.product() for _ in range(3)]
    for product in products:
        factories.geometry(product.cad_file, tmp_path)
    placed = orders.place([orders.Wish(product, kind) for product in products], trigger="operator")
    assert "No worker serves" in forecast(placed).why
    for name in ("asset_pipeline", "asset_pipeline_cpu"):
        Worker.objects.create(identity=name, host="h", pid=1, queue=name)
    assert forecast(placed).seconds == pytest.approx(120, abs=1)
    orders.pause_order(placed)
    assert "paused" in forecast(placed).why


def test_the_forecast_of_a_larger_picture_goes_by_its_work_until_one_that_runs_tells(tmp_path: Path) -> None:
    """Ten times the samples take ten times as long; a running render that is at a tenth after a minute takes ten."""
    order(factories.product(), "draft")
    ends(tmp_path)
    for job in Job.objects.filter(kind=Job.Kind.RENDER):
        Job.objects.filter(pk=job.pk).update(started=job.finished - timedelta(seconds=4))  # type: ignore[operator]
    small = OutputType.objects.get(slug="draft")
    fields = {"width": small.width, "height": small.height, "samples": small.samples * 10, "format": "png"}
    kind = factories.output_type("large", **fields)
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    placed = orders.place([orders.Wish(product, kind)], trigger="operator")
    for name in ("asset_pipeline", "asset_pipeline_cpu"):
        Worker.objects.create(identity=name, host="h", pid=1, queue=name)
    assert forecast(placed).seconds == pytest.approx(40, abs=1)
    factories.claim()
    Job.objects.live().update(progress=0.1, started=timezone.now() - timedelta(seconds=60))
    assert forecast(placed).seconds == pytest.approx(540, abs=3)


def test_each_line_says_why_its_picture_is_made(tmp_path: Path, admin_client: Client) -> None:
    product = factories.product()
    order(product, "draft")
    ends(tmp_path)
    OutputType.objects.filter(slug="draft").update(samples=99)
    placed = order(product, "draft")
    assert "→ 99" in page(admin_client, placed)
    runs(tmp_path)
    job = Job.objects.filter(kind=Job.Kind.RENDER).latest("id")
    shown = admin_client.get(reverse("admin:rendering_job_change", args=[job.pk])).content.decode()
    assert "Why it was rendered" in shown and "Samples " in shown and "→ 99" in shown


def test_a_line_that_is_done_says_where_its_file_came_from(tmp_path: Path, admin_client: Client) -> None:
    placed = order(factories.product(), "draft")
    ends(tmp_path)
    assert str(OrderLine.Source.RENDERED.label) in page(admin_client, placed)


def test_files_of_each_kind_are_called_and_shown_as_what_they_are(
    tmp_path: Path, admin_client: Client
) -> None:
    """In the order, the deliverables and on the product's page: books, models and drawings are no renders."""
    product = factories.product(cad_file=factories.cad_file(state="ready"))
    placed = Order.objects.create()
    assets = {}
    for kind, format_name, more in (
        ("book", "webpage", {}),
        ("model", "glb", {}),
        ("drawing", "svg", {}),
        ("passes", "depth", {}),
        ("turntable", "webm", {"frames": 6, "fps": 6}),
    ):
        made = OutputType.objects.create(slug=f"a-{kind}", name=kind, kind=kind, format=format_name, **more)
        path = tmp_path / kind
        path.write_bytes(kind.encode())
        film = {"poster": "poster/ab/film.webp", "duration": 1.0} if more else {}
        assets[kind] = publish(
            path,
            kind=kind,
            format_name=format_name,
            recipe={"format": format_name},
            receipt=Receipt(),
            cad_file=product.cad_file,
            product=product,
            **film,
        )
        placed.lines.create(
            product=product,
            output_type=made,
            cad_file=product.cad_file,
            state=OrderLine.State.DONE,
            source=OrderLine.Source.DERIVED,
            recipe_key=kind,
            master_width=64,
            master_height=64,
            asset=assets[kind],
        )
    shown = page(admin_client, placed)
    assert "Bound from other files" in shown and shown.count("Made of the geometry") == 2
    for label in ("Web page (ZIP)", "GLB", "SVG", "Depth"):
        assert f">{label}</a>" in shown, label
    matrix = admin_client.get(reverse("admin:rendering_matrix")).content.decode()
    of_product = reverse("admin:media_assets_product_change", args=[product.pk])
    home = admin_client.get(of_product).content.decode()
    for address in (small_url(assets["drawing"]), small_url(assets["turntable"])):
        assert f'src="{address}"' in matrix and f'src="{address}"' in home
    assert 'class="thumb-film"' in matrix and "None px" not in matrix and ">GLB</a>" in matrix
    assert f'src="{small_url(assets["model"])}"' not in home
