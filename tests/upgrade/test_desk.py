"""A desk that 0.1.0 left is brought to this version, and everything is found again."""

from __future__ import annotations

import json
from importlib.metadata import version
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings, settings
from django.contrib import admin
from django.contrib.auth.models import Group, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse
from django_q.models import Schedule

from blender_scripts.contract import SCENE_VERSION
from gpu.models import SystemSettings
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.cad_file import current_converter
from media_assets.recipes import recipe_key
from rendering.catalog import plan
from rendering.delivery import shares
from rendering.models import Finish, Job, Notification, Order, OutputType, ShareLink, Webhook, Workflow
from tests.upgrade.conftest import Upgrade
from tests.upgrade.old_desk import counts

pytestmark = [pytest.mark.database, pytest.mark.usefixtures("desk")]


@pytest.fixture
def administrator() -> Client:
    client = Client()
    client.force_login(User.objects.get(username="mara"))
    return client


def ask(*words: str) -> Any:
    """Return the JSON document of a command that succeeds."""
    said = StringIO()
    call_command(*words, "--json", stdout=said)
    return json.loads(said.getvalue())


def put_files_back() -> None:
    """The storage of the old desk is not kept with its rows; what counts here is that a file is there."""
    Path(settings.MEDIA_ROOT).mkdir(exist_ok=True)
    for name in MediaAsset.objects.values_list("file", flat=True):
        default_storage.save(name, ContentFile(b"as it was"))


def test_the_steps_of_before_count_as_done(upgrade: Upgrade) -> None:
    assert "0001_squashed" not in upgrade.said and "0002_defaults" not in upgrade.said
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []
    call_command("makemigrations", check_changes=True, dry_run=True, verbosity=0)


def test_no_row_is_lost(upgrade: Upgrade) -> None:
    after = counts()
    assert {table: rows for table, rows in upgrade.before.items() if after.get(table, 0) < rows} == {}


def test_people_log_in_and_may_what_they_might(settings: Any) -> None:
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    form = {"username": "olga", "password": "olga's old password"}
    assert Client().post("/admin/login/", form).url == "/admin/"
    olga, viktor = User.objects.get(username="olga"), User.objects.get(username="viktor")
    assert olga.has_perms(["rendering.add_order", "rendering.change_outputtype"])
    assert not olga.has_perm("rendering.pause_order"), "the house took it from its operators"
    assert not viktor.has_perm("rendering.add_order")
    assert set(Group.objects.values_list("name", flat=True)) == {
        *("Viewer", "Operator", "Approver", "Render admin", "Photo team")
    }


def test_the_pages_of_old_rows_answer(administrator: Client) -> None:
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert administrator.get(reverse(f"{name}_changelist")).status_code in (200, 302), name
        for row in model._default_manager.order_by("pk")[:2]:
            answer = administrator.get(reverse(f"{name}_change", args=[row.pk]))
            assert answer.status_code == 200, f"{name} {row.pk}"


def test_an_order_shows_what_was_ordered_delivered_and_why_not(administrator: Client) -> None:
    def page(order: Order) -> str:
        return administrator.get(reverse("admin:rendering_order_change", args=[order.pk])).content.decode()

    fair = page(Order.objects.get(note="For the fair"))
    assert all(word in fair for word in ("BRG-7", "Quick look", "Shop", "olga", "2026-12-24"))
    failed = Order.objects.get(note="Fails")
    assert [line.error_code for line in failed.lines.all()] == ["blender_crashed"]
    assert "Outdoors" in page(failed) and "signal 11" in page(failed)
    catalog = page(Order.objects.get(workflow__slug="catalog"))
    assert "Catalog" in catalog and "BRG*" in catalog


def test_output_types_are_as_operators_left_them() -> None:
    kinds = {kind.slug: kind for kind in OutputType.objects.all()}
    assert (kinds["draft"].name, kinds["draft"].width, kinds["draft"].samples) == ("Quick look", 64, 2)
    assert not kinds["still-2048"].is_active
    assert (kinds["print"].bit_depth, kinds["print"].elevation, kinds["print"].f_stop) == (16, 12.5, 8.0)
    assert kinds["outdoors"].environment is not None and kinds["outdoors"].environment.name == "Grey sky"
    for kind in kinds.values():
        kind.full_clean()


def test_files_of_before_are_derived_again_and_rendered_only_for_another_scene() -> None:
    """Other tools or scenes make other pictures; the same ones, none. Files say more of themselves since 0.1.0."""
    view = MediaAsset.objects.get(kind="thumbnail", product__number="BRG-7").recipe["view"]
    tools = MediaAsset.objects.filter(kind="gltf_geometry").values_list("recipe__tools", flat=True)[0]
    same = view["renderer"]["blender"] == plan.blender().version
    if not same or any(version(name) != tools[name] for name in tools.keys() - {"converter"}):
        pytest.skip("the old pictures were made with another Blender or another OpenCASCADE than this one's")
    put_files_back()
    made = ask("order", "--product", "BRG-7", "--output-type", "thumbnail", "draft", "shop")
    assert [line["state"] for line in made["lines"]] == ["working"] * 3
    jobs = Job.objects.filter(lines__order=made["order"])
    done = {line["source"] for line in made["lines"]}, set(jobs.values_list("kind", flat=True))
    # One of the three takes the picture of another one.
    is_same = view["renderer"]["scene"] == SCENE_VERSION
    wanted = ({"derived"}, {Job.Kind.ENCODE}) if is_same else ({"rendered", "derived"}, {Job.Kind.RENDER})
    assert done == wanted and jobs.count() == 3
    delivery_state = MediaAsset.objects.filter(product__number="PLATE-2", kind="thumbnail").order_by("pk")
    assert list(delivery_state.values_list("delivery_state", flat=True)) == ["replaced", "current"]
    for asset in MediaAsset.objects.all():
        assert recipe_key(asset.recipe) == asset.recipe_key, asset


def test_a_receipt_says_what_it_said() -> None:
    picture = MediaAsset.objects.get(kind="still", product__number="BRG-7", mime_type="image/webp")
    assert picture.receipt["device_used"] == "CPU" and picture.receipt["samples"] == 2
    assert (picture.width, picture.height, picture.made_on) == (64, 48, "CPU")


def test_something_new_can_be_ordered() -> None:
    put_files_back()
    made = ask("order", "--product", "BRG-7", "PLATE-2", "--output-type", "outdoors")
    assert [line["state"] for line in made["lines"]] == ["working", "working"]
    assert made["order"] > Order.objects.exclude(pk=made["order"]).latest("pk").pk


def test_the_job_of_a_worker_that_is_gone_waits_again() -> None:
    (job,) = ask("jobs", "--state", "running")
    (reaped,) = ask("reap")
    assert (reaped["id"], reaped["state"]) == (job["id"], "queued")
    outcomes = Job.objects.get(pk=job["id"]).attempts.values_list("outcome", flat=True)
    assert list(outcomes) == ["released", "lost"]


def test_jobs_are_in_the_states_they_were_in() -> None:
    states = [job["state"] for job in ask("jobs")]
    wanted = {"succeeded": 12, "failed": 1, "canceled": 1, "running": 1, "queued": 6}
    assert {state: states.count(state) for state in set(states)} == wanted


def test_cad_files_keep_their_reports_and_their_products() -> None:
    report = ask("cad_report", "BRG-7")
    assert (report["name"], report["state"], report["products"]) == (
        "tapered_roller_bearing.step",
        "ready",
        ["BRG-7"],
    )
    assert (report["report"]["parts"], report["report"]["instances"]) == (4, 23)
    assert "Käfig" in report["report"]["names"] and report["tree"]["children"]
    kept = CadFile.objects.get(products__number="BRG-7")
    assert kept.source_system == report["report"]["originating_system"] != ""
    assert set(Product.objects.values_list("orientation", "turn")) == {("file", "")}
    assert ask("cad_report", "BROKEN-1")["error_code"] == "truncated"
    assert ask("cad_report", "CUBE-1")["error_code"] == "unit_unknown"


def test_what_is_new_is_filled_in_for_old_rows() -> None:
    readers = set(CadFile.objects.values_list("state", "converter"))
    assert readers == {("ready", 4), ("failed", current_converter())}
    bearing = CadFile.objects.get(products__number="BRG-7")
    assert bearing.part_names.splitlines()[1:3] == ["Innenring", "Außenring"]
    plate = Product.objects.get(number="PLATE-2").history.order_by("number")
    assert list(plate.values_list("number", "cad_file__original_name")) == [
        (1, "plate.stl"),
        (2, "plate_b.stl"),
    ]
    finishes = {one.slug: (one.name, one.density) for one in Finish.objects.all()}
    assert finishes["brass"] == ("Brass", 8500) and finishes["house_red"] == ("House red", None)
    assert finishes["plastic_matt"] == ("Plastic, matte", 1050)


def test_workflows_keep_their_versions() -> None:
    upload = Workflow.objects.get(slug="on-upload")
    assert [(one.number, one.priority, len(one.steps)) for one in upload.versions.order_by("number")] == [
        (1, 60, 1),
        (2, 70, 1),
        (3, 70, 2),
    ]
    assert Workflow.objects.get(slug="catalog").versions.get().steps[1].numbers == "BRG*"


def test_links_open_what_they_opened() -> None:
    put_files_back()
    agency = ShareLink.objects.get(note="The agency")
    closed = ShareLink.objects.exclude(pk=agency.pk).get()
    assert "BRG-7" in Client().get(shares.path(agency)).content.decode()
    assert Client().get(shares.path(closed)).status_code != 200


def test_messages_are_where_they_were() -> None:
    shop, chat = Webhook.objects.get(name="Shop"), Webhook.objects.get(name="Chat")
    assert shop.secrets == ["shared with the shop"]
    assert shop.events == ["order.finished", "order.failed", "order.held"]
    assert chat.events == ["order.failed", "order.held"] and not chat.is_active
    states = list(Notification.objects.values_list("state", flat=True))
    assert {state: states.count(state) for state in set(states)} == {"sent": 1, "given_up": 1, "waiting": 4}


def test_who_did_what_is_still_told(administrator: Client) -> None:
    page = administrator.get(
        reverse("admin:rendering_outputtype_history", args=[OutputType.objects.get(slug="draft").pk])
    )
    told = page.content.decode()
    assert "olga" in told and "Quick look" in told and "Draft 128 px" in told


def test_the_house_runs_as_it_was_set_up(administrator: Client) -> None:
    row = SystemSettings.load()
    assert (row.probe_interval_minutes, row.hang_seconds, row.upload_max_mb) == (45, 600, 2048)
    page = administrator.get(reverse("admin:gpu_gpuprobe_changelist")).content.decode()
    assert "NVIDIA GeForce RTX 4090" in page
    queues = {row["queue"]: row["paused"] for row in ask("queue", "list")}
    assert queues == {"big_one": False, "asset_pipeline_light": True, "asset_pipeline_cpu": False}
    assert Schedule.objects.filter(name__startswith="renderdesk").count() == 4
