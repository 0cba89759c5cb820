from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.models import CadFile, Product
from rendering.models import Job, Order, OrderLine, Workflow
from tests import factories
from tests.rendering.desk.conftest import World

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]

VIEWS = (
    "media_assets.view_product",
    "media_assets.view_cadfile",
    "media_assets.view_mediaasset",
    "rendering.view_job",
    "rendering.view_order",
)
ACTIONS = (
    ("media_assets.product", "order_output_types", "product"),
    ("media_assets.product", "render_again", "product"),
    ("media_assets.cadfile", "order_output_types", "cad_file"),
    ("media_assets.cadfile", "convert_again", "failed_cad_file"),
    ("media_assets.mediaasset", "render_again", "asset"),
    ("rendering.job", "cancel", "queued"),
    ("rendering.job", "retry", "failed"),
    ("rendering.order", "cancel", "order"),
    ("rendering.order", "retry_failed", "order"),
    ("rendering.order", "retry_canceled", "order"),
    ("rendering.order", "render_again", "order"),
)


def act(client: Client, label: str, action: str, rows: Sequence[Any], **extra: object) -> Any:
    address = reverse(f"admin:{label.replace('.', '_')}_changelist")
    data = {"action": action, "_selected_action": [row.pk for row in rows], **extra}
    return client.post(address, data, follow=True)


def said(response: Any) -> str:
    return " | ".join(str(message) for message in response.context["messages"])


def state(row: Any) -> str:
    row.refresh_from_db()
    return str(row.state)


@pytest.mark.parametrize(("label", "action", "row"), ACTIONS)
def test_an_action_is_neither_shown_to_nor_taken_from_those_who_may_only_look(
    label: str, action: str, row: str, world: World, staff: Callable[..., Client]
) -> None:
    client = staff(*VIEWS)
    listed = client.get(reverse(f"admin:{label.replace('.', '_')}_changelist"))
    assert listed.status_code == 200 and f'value="{action}"' not in listed.content.decode()
    assert act(client, label, action, [getattr(world, row)]).status_code == 403
    assert (state(world.queued), state(world.failed), Order.objects.count()) == ("queued", "failed", 1)


@pytest.mark.parametrize(("label", "action", "row"), ACTIONS)
def test_an_action_is_a_button_on_the_page_of_what_it_fits(
    label: str, action: str, row: str, world: World, admin_client: Client
) -> None:
    if action == "retry_canceled":
        OrderLine.objects.filter(order=world.order, error_code="").update(state="canceled")
    if (label, action) == ("rendering.order", "cancel"):
        OrderLine.objects.filter(order=world.order, error_code="").update(state="working")
    page = admin_client.get(reverse(f"admin:{label.replace('.', '_')}_change", args=[getattr(world, row).pk]))
    assert f'name="action" value="{action}"' in page.content.decode()


def test_cancel_stops_queued_jobs_and_reports_what_had_ended(
    world: World, staff: Callable[..., Client]
) -> None:
    client = staff(*VIEWS, "rendering.change_job")
    response = act(client, "rendering.job", "cancel", [world.queued, world.running, world.succeeded])
    assert state(world.queued) == "canceled"
    world.running.refresh_from_db()
    assert world.running.cancel_requested
    assert "2 jobs canceled" in said(response) and "1 job had already ended" in said(response)


def test_retry_queues_failed_jobs_and_their_lines_again(world: World, staff: Callable[..., Client]) -> None:
    client = staff(*VIEWS, "rendering.change_job")
    response = act(client, "rendering.job", "retry", [world.failed, world.succeeded])
    assert state(world.failed) == "queued"
    assert world.failed.lines.get().state == OrderLine.State.WORKING
    assert "1 job queued again" in said(response) and "1 job skipped" in said(response)


def test_a_button_leads_back_to_the_page_it_is_on(world: World, admin_client: Client) -> None:
    response = act(admin_client, "rendering.job", "cancel", [world.queued], _from_page=world.queued.pk)
    assert response.redirect_chain[-1][0] == reverse("admin:rendering_job_change", args=[world.queued.pk])


def test_an_order_is_canceled_with_its_jobs(world: World, admin_client: Client) -> None:
    line = factories_line(world, world.queued)
    response = act(admin_client, "rendering.order", "cancel", [world.order])
    assert (state(line), state(world.queued)) == ("canceled", "canceled")
    assert "1 line canceled" in said(response)
    assert "nothing left to cancel" in said(act(admin_client, "rendering.order", "cancel", [world.order]))


def factories_line(world: World, job: Job) -> OrderLine:
    line = OrderLine.objects.create(
        order=world.order,
        product=world.product,
        output_type=factories.output_type("still-1024"),
        cad_file=world.cad_file,
        state=OrderLine.State.WORKING,
        recipe_key="k3",
        master_width=64,
        master_height=64,
    )
    line.jobs.add(job)
    return line


def test_failed_lines_of_an_order_are_started_again(world: World, admin_client: Client) -> None:
    response = act(admin_client, "rendering.order", "retry_failed", [world.order])
    assert "1 line started again" in said(response)
    assert not world.order.lines.filter(state=OrderLine.State.FAILED).exists()
    OrderLine.objects.update(state=OrderLine.State.DONE, source="cached")
    assert "Nothing to retry" in said(act(admin_client, "rendering.order", "retry_failed", [world.order]))


def test_an_order_is_rendered_again_as_a_new_order(world: World, admin_client: Client) -> None:
    response = act(admin_client, "rendering.order", "render_again", [world.order])
    order = Order.objects.latest("id")
    assert order.trigger == Order.Trigger.RERENDER and order.lines.count() == 2
    assert all(line.not_before for line in order.lines.all())
    assert response.redirect_chain[-1][0] == reverse("admin:rendering_order_change", args=[order.pk])


def test_a_delivered_asset_is_rendered_again(world: World, admin_client: Client) -> None:
    other = factories.product()
    assert act(admin_client, "media_assets.mediaasset", "render_again", [world.asset]).status_code == 200
    line = OrderLine.objects.latest("id")
    assert (line.product, line.output_type.slug) == (world.product, "thumbnail")
    assert line.not_before and line.order.trigger == Order.Trigger.RERENDER
    assert other.order_lines.count() == 0


def test_an_asset_that_nobody_ordered_is_left_alone(world: World, admin_client: Client) -> None:
    world.order.lines.all().delete()
    assert "1 asset skipped" in said(
        act(admin_client, "media_assets.mediaasset", "render_again", [world.asset])
    )


def test_a_failed_cad_file_is_converted_again(world: World, admin_client: Client) -> None:
    response = act(
        admin_client, "media_assets.cadfile", "convert_again", [world.failed_cad_file, world.cad_file]
    )
    assert world.failed_cad_file.jobs.get().kind == Job.Kind.TESSELLATE
    assert "1 CAD file queued" in said(response) and "1 CAD file skipped" in said(response)


@pytest.mark.parametrize(
    ("label", "rows"), [("media_assets.product", "product"), ("media_assets.cadfile", "cad_file")]
)
def test_ordering_from_a_list_goes_through_a_page_and_places_one_order(
    label: str, rows: str, world: World, staff: Callable[..., Client]
) -> None:
    client = staff(*VIEWS, "rendering.add_order")
    page = act(client, label, "order_output_types", [getattr(world, rows)])
    assert page.context["form"].initial["products"] == "1001"
    types = [factories.output_type("draft").pk, factories.output_type("still-1024").pk]
    data = {"products": "1001\r\n", "output_types": types, "priority": 77}
    response = client.post(reverse("admin:rendering_order_add"), data, follow=True)
    order = Order.objects.latest("id")
    assert (order.priority, order.lines.count(), order.trigger) == (77, 2, Order.Trigger.OPERATOR)
    assert order.ordered_by is not None
    assert "2 lines" in said(response)


def test_rendering_products_again_is_the_same_page_with_force(world: World, admin_client: Client) -> None:
    page = act(admin_client, "media_assets.product", "render_again", [world.product])
    assert page.context["form"].initial["force"] is True
    data = {
        "products": "1001",
        "output_types": [factories.output_type("draft").pk],
        "priority": 50,
        "force": "on",
    }
    admin_client.post(reverse("admin:rendering_order_add"), data)
    assert Order.objects.latest("id").lines.get().not_before is not None


def test_a_workflow_orders_its_active_output_types(world: World, admin_client: Client) -> None:
    workflow = Workflow.objects.get(slug="on-upload")
    data = {"products": "1001", "workflow": workflow.pk, "priority": 50}
    admin_client.post(reverse("admin:rendering_order_add"), data)
    order = Order.objects.latest("id")
    assert order.workflow == workflow and order.lines.get().output_type.slug == "thumbnail"


@pytest.mark.parametrize(
    ("changes", "answer"),
    [
        ({"products": "nothing-like-it"}, "There is no product nothing-like-it"),
        ({"products": "without"}, "has no CAD file yet"),
        ({"output_types": []}, "Choose at least one output type or a workflow"),
        ({"priority": "high"}, "Enter a whole number"),
    ],
)
def test_an_order_that_cannot_be_placed_says_why(
    changes: dict[str, Any], answer: str, world: World, admin_client: Client
) -> None:
    Product.objects.create(number="without")
    data = {"products": "1001", "output_types": [factories.output_type("draft").pk], "priority": 50} | changes
    page = admin_client.post(reverse("admin:rendering_order_add"), data)
    assert page.status_code == 200 and answer in page.content.decode()
    assert Order.objects.count() == 1


def test_placing_an_order_needs_the_permission(world: World, staff: Callable[..., Client]) -> None:
    data = {"products": "1001", "output_types": [factories.output_type("draft").pk], "priority": 50}
    assert staff(*VIEWS).post(reverse("admin:rendering_order_add"), data).status_code == 403


def test_a_product_that_gets_another_cad_file_is_revised_and_converted(
    world: World, admin_client: Client
) -> None:
    newer = factories.cad_file()
    rows = {"identifiers-TOTAL_FORMS": 0, "identifiers-INITIAL_FORMS": 0}
    data = {"number": "1001", "name": "Bearing", "cad_file": newer.pk, **rows}
    admin_client.post(reverse("admin:media_assets_product_change", args=[world.product.pk]), data)
    world.product.refresh_from_db()
    assert world.product.cad_file == newer and world.product.revised is not None
    assert newer.jobs.filter(kind=Job.Kind.TESSELLATE).exists()
    page = admin_client.get(reverse("admin:media_assets_product_change", args=[world.product.pk]))
    assert "Earlier CAD file" in page.content.decode()


def test_an_impossible_output_type_is_explained_in_the_form(world: World, admin_client: Client) -> None:
    kind = factories.output_type("still-1024")
    page = admin_client.get(reverse("admin:rendering_outputtype_change", args=[kind.pk]))
    data = {
        name: value for name, value in page.context["adminform"].form.initial.items() if value is not None
    }
    response = admin_client.post(
        reverse("admin:rendering_outputtype_change", args=[kind.pk]),
        data | {"format": "jpg", "background": "transparent"},
    )
    assert "JPEG, MP4 and JPEG spins have no transparency" in response.content.decode()


def test_a_thumbnail_stands_beside_each_product_and_cad_file(world: World, admin_client: Client) -> None:
    for name in ("product", "cadfile"):
        page = admin_client.get(reverse(f"admin:media_assets_{name}_changelist")).content.decode()
        assert f"/media/{world.asset.pk}/{world.asset.sha256[:12]}.png" in page


def test_pictures_are_not_shown_to_those_who_may_not_see_them(
    world: World, staff: Callable[..., Client]
) -> None:
    client = staff("media_assets.view_product", "media_assets.view_cadfile", "rendering.view_job")
    for name in (
        "admin:media_assets_product_changelist",
        "admin:media_assets_cadfile_changelist",
        "admin:index",
    ):
        assert "/media/" not in client.get(reverse(name)).content.decode()
    assert CadFile.objects.exists()


@pytest.mark.parametrize("page", ["rendering_job_live", "media_assets_cadfile_live"])
def test_a_digit_that_is_no_number_is_nobodys_id(admin_client: Client, page: str) -> None:
    assert admin_client.get(reverse(f"admin:{page}"), {"id": "²"}).status_code == 200
