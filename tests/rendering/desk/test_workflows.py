"""Workflows in the admin: the form explains, each save is a version, the order's page says what each step did."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from media_assets.cad.problem import Failure
from rendering import orders
from rendering.models import Order, OrderStep, Workflow, WorkflowStep
from rendering.orders import workflows
from tests import factories
from tests.rendering.desk.conftest import World
from tests.rendering.desk.test_actions import act

pytestmark = pytest.mark.django_db


def step(index: int, **fields: Any) -> dict[str, Any]:
    """What the form sends of a step."""
    values = {"position": index + 1, "kind": "output", "tessellation": "standard", "when": "always", **fields}
    return {f"steps-{index}-{name}": value for name, value in values.items()}


def form(*steps: dict[str, Any], **fields: Any) -> dict[str, Any]:
    data = {"name": "W", "slug": "w", "uploads": "every", "priority": 60, **fields}
    data |= {"steps-TOTAL_FORMS": len(steps), "steps-INITIAL_FORMS": 0}
    for one in steps:
        data |= one
    return data


ADD = "admin:rendering_workflow_add"


def test_a_workflow_is_made_with_its_first_version_and_steps_numbered(admin_client: Client) -> None:
    draft, thumb = (factories.output_type(slug).pk for slug in ("draft", "thumbnail"))
    first = step(0, output_type=draft, position=10)
    second = step(1, output_type=thumb, position=20, after=10, formats=["step"])
    admin_client.post(reverse(ADD), form(first, second))
    row = Workflow.objects.get(slug="w")
    assert list(row.steps.values_list("position", "after", "formats")) == [(1, None, []), (2, 1, ["step"])]
    version = row.versions.get()
    assert (version.number, version.by) == (1, "admin")
    page = admin_client.get(reverse("admin:rendering_workflow_version", args=[version.pk])).content.decode()
    assert "only STEP files" in page and "only after step 1 succeeded" in page


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"kind": "output", "position": 2}, "Choose which picture or film"),
        ({"kind": "convert", "output_type": "draft"}, "leave it empty here"),
        ({"kind": "convert", "longest_min": 9, "longest_max": 3}, "ends before it begins"),
        ({"kind": "convert", "after": 1}, "Name the number of a step before this one"),
        ({"kind": "convert", "numbers": " , "}, "Write a product number"),
    ],
)
def test_a_step_that_can_not_be_is_explained(fields: dict[str, Any], says: str, admin_client: Client) -> None:
    if "output_type" in fields:
        fields = fields | {"output_type": factories.output_type("draft").pk}
    page = admin_client.post(reverse(ADD), form(step(0, **fields)))
    assert says in page.content.decode() and not Workflow.objects.filter(slug="w").exists()


def test_a_second_workflow_for_the_same_uploads_is_refused_with_the_first_ones_name(
    admin_client: Client,
) -> None:
    page = admin_client.post(reverse(ADD), form(step(0, kind="usd"), runs_on_upload="on", uploads="first"))
    assert "On upload already runs for these uploads" in page.content.decode()


def test_each_saved_change_is_a_version_that_says_what_changed(world: World, admin_client: Client) -> None:
    row = Workflow.objects.get(slug="on-upload")
    (one,) = row.steps.all()
    sent = step(0, id=one.pk, workflow=row.pk, output_type=one.output_type_id, structure="assembly")
    data = form(sent, name="On upload", slug="on-upload", runs_on_upload="on") | {"steps-INITIAL_FORMS": 1}
    address = reverse("admin:rendering_workflow_change", args=[row.pk])
    admin_client.post(address, data)
    admin_client.post(address, data)
    assert list(row.versions.values_list("number", flat=True)) == [2, 1], "saving the same again is no change"
    page = admin_client.get(address).content.decode()
    assert "Version 2" in page and "only assemblies" in page and "by admin" in page
    version = row.versions.get(number=2)
    page = admin_client.get(reverse("admin:rendering_workflow_version", args=[version.pk])).content.decode()
    assert "What changed since" in page and "Thumbnail 256 px: only assemblies" in page


def test_the_orders_page_says_which_version_ran_and_what_each_step_did(
    world: World, admin_client: Client
) -> None:
    row = Workflow.objects.get(slug="on-upload")
    row.steps.update(numbers="ZZ*")
    run = orders.Run(workflows.current(row), [world.product, factories.product(number="1002")])
    order = orders.place([], trigger=Order.Trigger.OPERATOR, run=run)
    page = admin_client.get(reverse("admin:rendering_order_change", args=[order.pk])).content.decode()
    assert "Workflow On upload, version 2" in page
    assert "2 products: The product number is not like ZZ*." in page


def test_whoever_reads_why_a_step_was_skipped_reads_it_in_their_language(
    world: World, admin_client: Client
) -> None:
    """Whoever ordered, and whatever language they have: the text for programs is English."""
    row = Workflow.objects.get(slug="on-upload")
    row.steps.update(numbers="ZZ*, Y?")
    broken = factories.cad_file(state="failed", error_code="truncated")
    broken.error_details = dict(Failure.of("truncated", "step").details)
    broken.save()
    WorkflowStep.objects.create(workflow=row, position=2, kind="convert", structure="part")
    run = orders.Run(workflows.current(row), [factories.product(number="1002", cad_file=broken)])
    with translation.override("de"):
        order = orders.place([], trigger=Order.Trigger.OPERATOR, run=run)
    assert order.steps.get(number=1).reason == "The product number is not like ZZ* or Y?."
    address = reverse("admin:rendering_order_change", args=[order.pk])
    for language, words in (
        ("de", ("Die Produktnummer entspricht nicht ZZ* oder Y?.", "Die STEP-Datei endet zu früh")),
        ("zh-hans", ("产品编号与 ZZ* 或 Y? 不符。", "STEP 文件提前结束")),
    ):
        page = admin_client.get(address, headers={"accept-language": language}).content.decode()
        assert [one for one in words if one not in page] == []
    OrderStep.objects.update(reason="As an earlier release kept it.", reason_values={})
    assert "1002: As an earlier release kept it." in admin_client.get(address).content.decode()


def test_products_run_a_workflow_after_a_look_at_what_it_would_do(world: World, admin_client: Client) -> None:
    page = act(admin_client, "media_assets.product", "run_workflow", [world.product])
    row = Workflow.objects.get()
    assert page.context["form"].initial["workflow"] == row
    row.steps.update(formats=["stl"])
    data = {"products": "1001", "workflow": row.pk, "priority": 50, "_preview": "1"}
    page = admin_client.post(reverse("admin:rendering_order_add"), data).content.decode()
    assert "Nothing has been ordered yet" in page and "The CAD file is STEP, not STL." in page
    assert Order.objects.count() == 1
    del data["_preview"]
    admin_client.post(reverse("admin:rendering_order_add"), data)
    assert Order.objects.latest("id").steps.get().state == "skipped"
