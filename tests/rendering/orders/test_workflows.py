"""Workflows: what each step does for an order, what is skipped and why, and versions that never change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db.models import F

from media_assets.ingest import receive
from media_assets.models import CadFile, Product
from rendering import orders
from rendering.models import Job, Order, OrderLine, OrderStep, Workflow, WorkflowStep, WorkflowVersion
from rendering.orders import workflows
from rendering.orders.foresight import foresee_run
from tests import factories
from tests.rendering.shell import Shell
from tests.rendering.steps import ends, fails, runs, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]

READ = {"state": CadFile.State.READY, "instances": 3, "size_mm": [10, 80, 5]}


def workflow(*steps: dict[str, Any], **fields: Any) -> Workflow:
    """A workflow of these steps: an output type's slug, or a kind, and conditions."""
    row = Workflow.objects.create(**{"slug": "w", "name": "W", **fields})
    for number, step in enumerate(steps, 1):
        slug = step.pop("slug", None)
        made = {"output_type": factories.output_type(slug)} if slug else {}
        WorkflowStep.objects.create(workflow=row, position=number, **made, **step)
    return row


def placed(row: Workflow, *products: Product, force: bool = False) -> Order:
    run = orders.Run(workflows.current(row), products, force)
    return orders.place([], trigger=Order.Trigger.OPERATOR, run=run)


def told(order: Order) -> dict[int, tuple[str, str]]:
    return {row.number: (row.state, row.reason) for row in order.steps.all()}


def slugs(order: Order) -> set[str]:
    return set(order.lines.values_list("output_type__slug", flat=True))


def test_a_step_whose_condition_is_not_met_is_skipped_and_says_why() -> None:
    row = workflow({"slug": "draft"}, {"slug": "thumbnail", "numbers": "ZZ*"})
    order = placed(row, factories.product(number="P-1"))
    assert slugs(order) == {"draft"}
    assert told(order) == {1: ("ordered", ""), 2: ("skipped", "The product number is not like ZZ*.")}


def test_earlier_steps_go_first_whatever_they_make(tmp_path: Path) -> None:
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    placed(workflow({"slug": "still-1024"}, {"slug": "draft"}, {"slug": "thumbnail"}), product)
    jobs = Job.objects.order_by("-priority").values_list("output_type__slug", "priority")
    assert list(jobs) == [("still-1024", 57), ("draft", 56), ("thumbnail", 55)]


def test_parts_and_size_are_judged_once_the_cad_file_has_been_read(tmp_path: Path) -> None:
    """The file that is made up has 3 placed parts and a longest edge of 3 mm."""
    row = workflow({"slug": "draft", "structure": "assembly"}, {"slug": "thumbnail", "longest_min": 100})
    order = placed(row, factories.product())
    assert told(order) == {
        1: ("waiting", "Its CAD file is read first."),
        2: ("waiting", "Its CAD file is read first."),
    }
    assert order.is_live and Job.objects.get().kind == Job.Kind.TESSELLATE
    runs(tmp_path)
    assert told(order) == {1: ("ordered", ""), 2: ("skipped", "Its longest edge is 3 mm, less than 100 mm.")}
    ends(tmp_path)
    order.refresh_from_db()
    assert order.finished and slugs(order) == {"draft"} and not order.is_live


def test_what_is_known_already_is_judged_at_once() -> None:
    row = workflow({"slug": "draft", "structure": "part"}, {"slug": "thumbnail", "longest_max": 80})
    order = placed(row, factories.product(cad_file=factories.cad_file(**READ)))
    assert told(order) == {1: ("skipped", "It is an assembly of 3 placed parts."), 2: ("ordered", "")}


def test_a_cad_file_that_was_read_while_nobody_looked_is_noticed_by_the_reaper(tmp_path: Path) -> None:
    order = placed(workflow({"slug": "draft", "structure": "assembly"}), factories.product())
    Job.objects.update(
        state=Job.State.SUCCEEDED, finished=F("created")
    )  # its worker died before it told anybody
    CadFile.objects.update(**READ)
    assert told(order)[1][0] == "waiting"
    orders.reap()
    assert told(order)[1] == ("ordered", "")


def test_a_step_that_needs_to_know_the_parts_of_a_broken_file_is_skipped_and_tried_again_with_it() -> None:
    order = placed(workflow({"slug": "draft", "structure": "assembly"}), factories.product())
    job = fails("truncated", "The end is missing.")
    state, reason = told(order)[1]
    assert state == "skipped" and "The end is missing" in reason
    order.refresh_from_db()
    assert order.finished
    orders.retry_job(job)
    order.refresh_from_db()
    assert told(order)[1][0] == "waiting" and order.finished is None


def test_a_step_waits_for_an_earlier_one_and_runs_when_that_is_done(tmp_path: Path) -> None:
    order = placed(workflow({"slug": "draft"}, {"slug": "thumbnail", "after": 1}), factories.product())
    assert told(order)[2] == ("waiting", "Step 1 comes first.") and slugs(order) == {"draft"}
    ends(tmp_path)
    assert told(order)[2] == ("ordered", "")
    assert set(order.lines.values_list("state", flat=True)) == {"done"}


def test_a_step_is_skipped_when_the_one_it_waits_for_fails_and_comes_back_with_it(tmp_path: Path) -> None:
    order = placed(workflow({"slug": "draft"}, {"slug": "thumbnail", "after": 1}), factories.product())
    fails("truncated", "The end is missing.")
    assert told(order)[2] == ("skipped", "Step 1 failed or was canceled.")
    order.refresh_from_db()
    assert order.finished, "nothing is still to come"
    CadFile.objects.update(state=CadFile.State.UPLOADED, error_code="", error="")
    assert orders.retry_lines(list(order.lines.all())) == 1
    assert told(order)[2][0] == "waiting"
    ends(tmp_path)
    assert set(order.lines.values_list("state", flat=True)) == {"done"}


def test_conversions_are_steps_too_and_one_that_exists_is_not_made_again(tmp_path: Path) -> None:
    product = factories.product()
    row = workflow({"kind": "convert"}, {"kind": "usd"}, {"slug": "draft", "after": 2})
    order = placed(row, product)
    assert Job.objects.count() == 1, "one conversion makes both"
    assert told(order)[3] == ("waiting", "Step 2 comes first.")
    ends(tmp_path)
    assert order.lines.get().state == "done"
    order.refresh_from_db()
    assert order.finished


def test_canceling_an_order_cancels_its_waiting_steps(tmp_path: Path) -> None:
    order = placed(workflow({"slug": "draft", "structure": "assembly"}), factories.product())
    assert orders.cancel_order(order) == 1
    runs(tmp_path)
    assert told(order)[1][0] == "canceled" and not order.lines.exists()
    order.refresh_from_db()
    assert order.finished


def test_pausing_an_order_holds_the_conversion_that_only_its_steps_wait_for() -> None:
    order = placed(workflow({"slug": "draft", "structure": "assembly"}), factories.product())
    orders.pause_order(order)
    assert taken() is None
    orders.resume_order(order)
    assert taken() is not None


def test_first_uploads_and_revisions_have_workflows_of_their_own() -> None:
    Workflow.objects.all().delete()
    workflow({"slug": "draft"}, slug="first", name="First", runs_on_upload=True, uploads="first")
    workflow({"slug": "thumbnail"}, slug="rev", name="Revision", runs_on_upload=True, uploads="revision")
    product = factories.product(cad_file=None)
    for name in ("First", "Revision", "Revision"):
        receive.assign(product, factories.cad_file())
        assert Order.objects.latest("id").workflow_version.name == name
    assert Product.objects.get().revisions == 3


def test_a_step_for_revisions_is_skipped_on_the_first_upload() -> None:
    upload = Workflow.objects.get(slug="on-upload")
    upload.steps.update(when="revision")
    product = factories.product(cad_file=None)
    receive.assign(product, factories.cad_file())
    order = Order.objects.get()
    assert told(order)[1] == ("skipped", "This is the product's first CAD file, not a revision.")
    assert Job.objects.get().kind == Job.Kind.TESSELLATE, "it is converted all the same"
    receive.assign(product, factories.cad_file())
    assert slugs(Order.objects.latest("id")) == {"thumbnail"}


def test_editing_a_workflow_makes_a_new_version_and_orders_keep_what_they_say() -> None:
    row = workflow({"slug": "draft"})
    order = placed(row, factories.product())
    assert workflows.current(row, "anna") == order.workflow_version, "nothing was changed"
    row.steps.update(structure="assembly")
    newer = workflows.current(row, "anna")
    assert (newer.number, newer.by) == (order.workflow_version.number + 1, "anna")
    name = factories.output_type("draft").name
    assert workflows.changes(order.workflow_version, newer) == [f"{name}: only assemblies"]
    order.refresh_from_db()
    assert order.workflow_version.steps[0].conditions == []
    with pytest.raises(TypeError, match="never changes"):
        newer.save()
    row.delete()
    order.refresh_from_db()
    assert order.workflow is None and str(order.workflow_version) == "W, version 1"


def test_the_workflow_that_a_new_installation_has_is_version_1() -> None:
    version = WorkflowVersion.objects.get()
    assert (version.number, version.workflow.slug, version.steps[0].slug) == (1, "on-upload", "thumbnail")
    assert workflows.current(version.workflow) == version


def test_what_would_happen_is_told_with_what_would_be_skipped_and_nothing_is_written(tmp_path: Path) -> None:
    row = workflow(
        {"slug": "draft"},
        {"slug": "thumbnail", "numbers": "ZZ*"},
        {"slug": "still-1024", "structure": "part"},
    )
    run = orders.Run(workflows.current(row), [factories.product()])
    seen = [(one.number, one.verdict.value, one.outlook and one.outlook.value) for one in foresee_run(run)]
    assert seen == [(1, "run", "new"), (2, "skip", None), (3, "later", None)]
    assert not (OrderStep.objects.exists() or OrderLine.objects.exists() or Job.objects.exists())


def test_a_workflow_is_run_by_a_command_and_tried_without_ordering(manage: Shell) -> None:
    workflow({"slug": "draft"}, {"slug": "thumbnail", "numbers": "ZZ*"})
    factories.product(number="P-7")
    said = manage("order", "--product", "P-7", "--workflow", "w", "--dry-run", "--json")
    assert [one["outlook"] for one in said.document["would"]] == [
        "new",
        "skip",
    ] and not Order.objects.exists()
    said = manage("order", "--product", "P-7", "--workflow", "w", "--json")
    assert said.document["workflow"] == "W, version 1"
    assert [(one["state"], bool(one["reason"])) for one in said.document["steps"]] == [
        ("ordered", False),
        ("skipped", True),
    ]
    assert manage("order", "--product", "P-7", "--workflow", "nope", "--json").code == 2
