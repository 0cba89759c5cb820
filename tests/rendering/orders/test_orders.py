"""Orders: what a line needs, who shares a job with whom, and how lines end."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from gpu.models import GpuDevice
from media_assets.models import CadFile, MediaAsset, Product
from rendering import orders
from rendering.models import Job, Order, OrderLine, OutputType
from rendering.models.errors import ERRORS
from rendering.orders import OrderRefused, Wish
from tests import factories
from tests.media import path_of
from tests.rendering.steps import ends, fails, order, runs, taken, type_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]

Source, State = OrderLine.Source, OrderLine.State


def test_an_empty_order_is_refused() -> None:
    with pytest.raises(OrderRefused, match="name at least one product"):
        orders.place([], trigger=Order.Trigger.COMMAND)


def test_an_output_type_that_is_switched_off_can_not_be_ordered() -> None:
    factories.output_type("switched-off", is_active=False)
    with pytest.raises(OrderRefused, match="'switched-off' is switched off"):
        order(factories.product(), "switched-off")
    assert not Order.objects.exists()


def test_a_product_without_cad_can_not_be_ordered() -> None:
    with pytest.raises(OrderRefused, match="has no CAD file yet"):
        order(factories.product(cad_file=None), "draft")


def test_one_refused_line_orders_nothing_at_all() -> None:
    good, bad = factories.product(), factories.product(cad_file=None)
    with pytest.raises(OrderRefused):
        orders.place([Wish(good, type_of("draft")), Wish(bad, type_of("draft"))], trigger="command")
    assert (Order.objects.count(), Job.objects.count()) == (0, 0)


def test_a_priority_that_no_column_holds_is_refused() -> None:
    with pytest.raises(OrderRefused, match="priority"):
        orders.place([Wish(factories.product(), type_of("draft"))], trigger="command", priority=100_000)


def test_a_line_goes_through_tessellation_render_and_encoding_to_its_file(tmp_path: Path) -> None:
    (line,) = order(factories.product(), "draft").lines.all()
    assert (line.state, line.source) == (State.WORKING, Source.RENDERED)
    for kind in (Job.Kind.TESSELLATE, Job.Kind.RENDER, Job.Kind.ENCODE):
        assert runs(tmp_path).kind == kind
    line.refresh_from_db()
    assert (line.state, line.error_code) == (State.DONE, "")
    assert line.asset is not None and path_of(line.asset).exists()
    assert (line.asset.width, line.asset.mime_type) == (128, "image/png")
    assert line.jobs.count() == 3


def test_geometry_that_exists_is_not_made_again(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    order(product, "draft")
    assert Job.objects.get().kind == Job.Kind.RENDER


def test_two_formats_and_two_sizes_of_one_view_are_one_render_at_the_largest_size(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    placed = order(product, "still-1024", "still-1024-webp", "still-2048")
    job = Job.objects.get()
    assert (job.spec["recipe"]["width"], job.spec["recipe"]["height"]) == (2048, 2048)
    assert [line.source for line in placed.lines.all()] == [Source.DERIVED, Source.DERIVED, Source.RENDERED]
    ends(tmp_path)
    assert Job.objects.filter(kind=Job.Kind.RENDER).count() == 1
    assert [line.asset.mime_type for line in placed.lines.all()] == ["image/png", "image/webp", "image/png"]


def test_another_quality_of_sampling_is_another_render(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    placed = order(product, "draft", "still-1024")
    assert {line.source for line in placed.lines.all()} == {Source.RENDERED}
    assert Job.objects.count() == 2


def test_a_repeated_order_renders_nothing_and_hands_out_the_same_file(tmp_path: Path) -> None:
    product = factories.product()
    first = order(product, "draft")
    ends(tmp_path)
    count = Job.objects.count()
    again = order(product, "draft").lines.get()
    assert (again.state, again.source) == (State.DONE, Source.CACHED)
    assert again.asset == first.lines.get().asset
    assert Job.objects.count() == count


def test_a_smaller_size_of_a_rendered_view_is_derived_without_a_render(tmp_path: Path) -> None:
    product = factories.product()
    order(product, "still-2048")
    ends(tmp_path)
    line = order(product, "still-1024").lines.get()
    assert line.source == Source.DERIVED
    assert line.jobs.get().kind == Job.Kind.ENCODE


def test_a_larger_size_of_a_rendered_view_is_rendered(tmp_path: Path) -> None:
    product = factories.product()
    order(product, "still-1024")
    ends(tmp_path)
    line = order(product, "still-2048").lines.get()
    assert line.source == Source.RENDERED
    assert line.jobs.get().kind == Job.Kind.RENDER


def test_a_second_order_of_the_same_thing_attaches_to_the_live_job(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    first = order(product, "draft").lines.get()
    second = order(product, "draft", priority=90).lines.get()
    assert (first.jobs.get(), second.source) == (second.jobs.get(), Source.DERIVED)
    assert Job.objects.get().priority == 90
    ends(tmp_path)
    assert set(OrderLine.objects.values_list("state", flat=True)) == {State.DONE}


def test_the_same_thing_twice_in_one_order_is_one_line() -> None:
    product = factories.product()
    assert order(product, "draft", "draft").lines.count() == 1


def test_lines_keep_the_order_in_which_they_were_asked_for() -> None:
    placed = order(factories.product(), "draft", "still-2048", "still-1024")
    slugs = [line.output_type.slug for line in placed.lines.all()]
    assert slugs == ["draft", "still-2048", "still-1024"]


def test_a_failed_job_fails_all_its_lines_with_its_code_and_a_next_step(tmp_path: Path) -> None:
    placed = order(factories.product(), "draft", "still-1024")
    fails("too_many_instances", "The assembly places 200,000 parts.")
    for line in placed.lines.all():
        assert (line.state, line.error_code) == (State.FAILED, "too_many_instances")
        assert "200,000 parts" in line.error
        assert ERRORS["too_many_instances"].step in line.error
    cad = CadFile.objects.get()
    assert (cad.state, cad.error_code) == (CadFile.State.FAILED, "too_many_instances")


def test_cad_that_can_never_be_converted_fails_its_lines_at_once_with_its_reason() -> None:
    cad = factories.cad_file(state="failed", error_code="truncated", error="The end of the file is missing.")
    line = order(factories.product(cad_file=cad), "draft").lines.get()
    assert (line.state, line.error_code) == (State.FAILED, "truncated")
    assert "The end of the file is missing." in line.error
    assert not Job.objects.exists()


def test_cad_that_failed_for_a_passing_reason_is_tried_again() -> None:
    cad = factories.cad_file(state="failed", error_code="disk_full", error="Full.")
    assert order(factories.product(cad_file=cad), "draft").lines.get().state == State.WORKING


def test_a_finer_conversion_that_fails_does_not_spoil_the_geometry_that_exists(tmp_path: Path) -> None:
    cad = factories.cad_file(state="ready")
    factories.geometry(cad, tmp_path)
    fine = factories.output_type("fine", tessellation="fine")
    placed = orders.place([orders.Wish(factories.product(cad_file=cad), fine)], trigger="command")
    fails("out_of_memory", "The reader used more than its 512 MB.")
    cad.refresh_from_db()
    assert cad.state == CadFile.State.READY
    assert placed.lines.get().error_code == "out_of_memory"


def test_a_file_that_was_lost_is_made_again_from_its_master(tmp_path: Path) -> None:
    product = factories.product()
    asset = _delivered(product, tmp_path)
    path_of(asset).unlink()
    line = order(product, "draft").lines.get()
    assert line.jobs.get().kind == Job.Kind.ENCODE
    ends(tmp_path)
    line.refresh_from_db()
    assert line.asset == asset and path_of(asset).exists()


def test_a_lost_master_and_a_lost_geometry_are_made_again(tmp_path: Path) -> None:
    product = factories.product()
    _delivered(product, tmp_path)
    for asset in MediaAsset.objects.all():
        path_of(asset).unlink()
    line = order(product, "draft").lines.get()
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == State.DONE
    assert [job.kind for job in line.jobs.order_by("id")] == ["tessellate", "render", "encode"]


def test_a_forced_order_renders_a_new_master_though_everything_is_there(tmp_path: Path) -> None:
    product = factories.product()
    asset = _delivered(product, tmp_path)
    before = MediaAsset.objects.get(kind="render_master").produced
    line = order(product, "draft", force=True).lines.get()
    assert (line.source, line.jobs.get().kind) == (Source.RENDERED, Job.Kind.RENDER)
    ends(tmp_path)
    line.refresh_from_db()
    assert (line.state, line.asset) == (State.DONE, asset)
    assert MediaAsset.objects.get(kind="render_master").produced > before


def test_a_forced_order_is_rendered_once_though_the_clock_was_ahead_when_it_was_placed(
    tmp_path: Path,
) -> None:
    product = factories.product()
    _delivered(product, tmp_path)
    line = order(product, "draft", force=True).lines.get()
    OrderLine.objects.filter(pk=line.pk).update(not_before=timezone.now() + timedelta(days=1))
    ends(tmp_path)
    line.refresh_from_db()
    assert line.state == State.DONE
    assert [job.kind for job in line.jobs.order_by("id")] == [Job.Kind.RENDER, Job.Kind.ENCODE]


def test_an_output_type_that_grows_while_its_line_waits_is_rendered_once_at_the_new_size(
    tmp_path: Path,
) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    line = order(product, "draft").lines.get()
    OutputType.objects.filter(slug="draft").update(width=256, height=256)
    ends(tmp_path)
    line.refresh_from_db()
    assert (line.state, line.asset and line.asset.width) == (State.DONE, 256)
    assert Job.objects.filter(kind=Job.Kind.RENDER).count() == 2


def test_a_job_for_a_lane_that_no_gpu_serves_waits(tmp_path: Path) -> None:
    GpuDevice.objects.create(host="h", backend="CUDA", vendor_id="1", name="A", serves_heavy=False)
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    line = order(product, "still-2048").lines.get()
    assert (line.state, line.jobs.get().state) == (State.WORKING, Job.State.QUEUED)
    assert taken() is None


def _delivered(product: Product, tmp_path: Path) -> MediaAsset:
    line = order(product, "draft").lines.get()
    ends(tmp_path)
    # the past: a forced order counts only what is made after it
    MediaAsset.objects.update(produced=timezone.now() - timedelta(hours=1))
    line.refresh_from_db()
    assert line.asset is not None
    return line.asset
