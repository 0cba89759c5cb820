from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from gpu.models import SystemSettings
from rendering import history, orders
from rendering.catalog.channels.names import DEFAULT_PATTERN
from rendering.history import tracking
from rendering.models import HistoryEntry, OutputType, Webhook
from rendering.models.roles import OPERATOR, VIEWER
from rendering.queue import claims
from tests import factories
from tests.rendering.desk.conftest import EVIL, World
from tests.rendering.desk.test_actions import act
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = pytest.mark.django_db
Verb = HistoryEntry.Verb


def entries(verb: str) -> list[HistoryEntry]:
    return list(HistoryEntry.objects.filter(verb=verb).order_by("id"))


def since(world: World) -> list[HistoryEntry]:
    """All entries but the one that the world begins with."""
    return list(HistoryEntry.objects.exclude(person=EVIL).order_by("id"))


def page_of(client: Client, name: str, pk: int) -> str:
    response = client.get(reverse(f"admin:{name}_history", args=[pk]))
    assert_strict(response, f"history of {name}")
    return " ".join(response.content.decode().split())


def posted(form: Any, **changed: Any) -> dict[str, Any]:
    """What a browser would send of a bound admin form, with these fields changed."""
    values = {name: form[name].value() for name in form.fields} | changed
    return {name: value for name, value in values.items() if value is not None and value is not False}


def person(role: str, name: str) -> Client:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def test_a_changed_output_type_says_who_changed_which_field_from_what_to_what(admin_client: Client) -> None:
    output_type = OutputType.objects.get(slug="draft")
    address = reverse("admin:rendering_outputtype_change", args=[output_type.pk])
    form = admin_client.get(address).context["adminform"].form
    response = admin_client.post(address, posted(form, samples=77, camera="front"))
    assert response.status_code == 302, response.context["adminform"].form.errors
    (entry,) = entries(Verb.CHANGE)
    assert entry.person == "admin" and ["Samples", str(output_type.samples), "77"] in entry.changes
    assert ["Camera", "Three-quarter", "Front"] in entry.changes and len(entry.changes) == 2
    page = page_of(admin_client, "rendering_outputtype", output_type.pk)
    assert f"<b>Samples</b>: <del>{output_type.samples}</del> → <ins>77</ins>" in page and "admin" in page


def test_saving_a_form_that_changes_nothing_is_no_history(admin_client: Client) -> None:
    row = SystemSettings.load()
    address = reverse("admin:gpu_systemsettings_change", args=[row.pk])
    form = admin_client.get(address).context["adminform"].form
    admin_client.post(address, posted(form))
    assert not HistoryEntry.objects.exists()
    admin_client.post(address, posted(form, disk_floor_mb=1024))
    (entry,) = entries(Verb.CHANGE)
    assert entry.changes == [["Keep free on the media disk (MB)", "512", "1024"]]


def test_secrets_are_never_recorded(admin_client: Client) -> None:
    hook = Webhook.objects.create(name="Chat", url="https://chat.example/T0/B0/first", secret="s3cret-one")
    address = reverse("admin:rendering_webhook_change", args=[hook.pk])
    form = admin_client.get(address).context["adminform"].form
    admin_client.post(address, posted(form, secret="s3cret-two", url="https://chat.example/T0/B0/other-hook"))
    user = factories.user(is_staff=True)
    page = reverse("admin:auth_user_password_change", args=[user.pk])
    admin_client.post(
        page, {"usable_password": "true", "password1": "Tr0ub4dor&3", "password2": "Tr0ub4dor&3"}
    )
    user.refresh_from_db()
    kept = str(list(HistoryEntry.objects.values())) + page_of(admin_client, "rendering_webhook", hook.pk)
    for secret in ("s3cret", "first", "other-hook", "Tr0ub4dor", user.password):
        assert secret not in kept
    hook_entry, user_entry = entries(Verb.CHANGE)
    assert [change[0] for change in hook_entry.changes] == ["Address", "Secret"]
    assert [change[0] for change in user_entry.changes] == ["Password"]


def test_roles_of_people_are_history(admin_client: Client) -> None:
    user = factories.user(is_staff=True)
    address = reverse("admin:auth_user_change", args=[user.pk])
    form = admin_client.get(address).context["adminform"].form
    values = posted(form, groups=[Group.objects.get(name=OPERATOR).pk], email="a@b.example")
    values |= {"date_joined_0": "2026-01-01", "date_joined_1": "10:00:00"}
    values |= {"customer_access-TOTAL_FORMS": "0", "customer_access-INITIAL_FORMS": "0"}
    response = admin_client.post(address, values)
    assert response.status_code == 302, response.context["adminform"].form.errors
    (entry,) = entries(Verb.CHANGE)
    assert sorted(entry.changes) == [["Email address", "", "a@b.example"], ["Groups", "", OPERATOR]]


def test_an_order_and_what_is_done_to_it_stand_in_its_history(world: World) -> None:
    client = person(OPERATOR, "anna")
    data = {"products": "1001", "output_types": [factories.output_type("draft").pk], "priority": "50"}
    client.post(reverse("admin:rendering_order_add"), data)
    (placed,) = entries(Verb.ORDER)
    order = placed.subjects.get().object_id
    act(client, "rendering.order", "pause", [type(world.order)(pk=order)])
    act(client, "rendering.order", "cancel", [type(world.order)(pk=order)])
    page = page_of(client, "rendering_order", order)
    assert page.index("Canceled") < page.index("Paused") < page.index("Ordered")
    assert "1 line canceled." in page and "Pictures: 1. Products: 1." in page and "anna" in page


def test_a_rerender_is_one_entry_of_the_order_and_of_what_was_chosen(
    world: World, admin_client: Client
) -> None:
    act(admin_client, "rendering.order", "render_again", [world.order])
    (entry,) = since(world)
    assert (entry.verb, entry.count) == (Verb.RERENDER, 2)
    assert "rendered again" in page_of(admin_client, "rendering_order", world.order.pk)


def test_an_action_that_did_nothing_is_no_history(world: World, admin_client: Client) -> None:
    act(admin_client, "rendering.job", "cancel", [world.succeeded])
    act(admin_client, "media_assets.product", "order_output_types", [world.product])
    assert not since(world)
    act(admin_client, "rendering.job", "cancel", [world.queued, world.succeeded])
    (entry,) = entries(Verb.CANCEL)
    assert "1 job canceled" in entry.words and "1 job had already ended" in entry.words


def test_downloads_and_links_for_outsiders_are_kept(world: World) -> None:
    client = person(OPERATOR, "anna")
    client.post(
        reverse("admin:rendering_order_zip", args=[world.order.pk]),
        {"pattern": DEFAULT_PATTERN, "_download": "1"},
    )
    (download,) = entries(Verb.DOWNLOAD)
    assert download.name == f"1 file of order {world.order.pk}"
    add = reverse("admin:rendering_sharelink_add")
    client.post(f"{add}?order={world.order.pk}", {"days": "7", "note": "Fair", "order": world.order.pk})
    page = page_of(client, "rendering_order", world.order.pk)
    assert "Downloaded" in page and "Shared" in page and "anna" in page


def test_a_command_is_put_down_to_the_user_of_the_host(
    world: World, monkeypatch: pytest.MonkeyPatch, admin_client: Client
) -> None:
    monkeypatch.setenv("LOGNAME", "nightly")
    monkeypatch.delenv("SUDO_USER", raising=False)
    call_command("job", "cancel", str(world.queued.pk))
    (entry,) = entries(Verb.CANCEL)
    assert entry.user is None and entry.person.startswith("nightly on ") and entry.via == "manage.py job"
    assert "manage.py job" in page_of(admin_client, "rendering_job", world.queued.pk)


def test_workers_write_no_history_and_pay_no_query_for_it() -> None:
    job = factories.job()
    with CaptureQueriesContext(connection) as captured:
        product = factories.product()
        product.name = "Renamed by a program"
        product.save()
        claims.succeed(factories.claim(), seconds={})
    assert job.pk and not HistoryEntry.objects.exists()
    assert not any("history" in query["sql"] for query in captured)
    asked = [
        query["sql"]
        for query in captured
        if query["sql"].startswith("SELECT") and '"media_assets_product"."id" =' in query["sql"]
    ]
    assert not asked, "what a row was is looked up for people alone"


def test_a_viewer_reads_what_he_did_and_an_operator_what_all_did(world: World) -> None:
    viewer, operator = person(VIEWER, "vera"), person(OPERATOR, "otto")
    data = {"pattern": DEFAULT_PATTERN, "_download": "1"}
    for client in (viewer, operator):
        client.post(reverse("admin:rendering_order_zip", args=[world.order.pk]), data)
    boss = User.objects.create_superuser("boss")
    with history.acting(history.Actor(type("Request", (), {"user": boss}))):
        Webhook.objects.create(name="Chat", url="https://chat.example/")
        User.objects.create_user("new")
    address = reverse("admin:rendering_historyentry_changelist")

    def people(client: Client, query: str = "") -> list[str]:
        response = client.get(address + query)
        assert_strict(response, "what people did")
        return [row.person for row in response.context["cl"].result_list]

    assert people(viewer) == ["vera"]
    assert people(operator) == ["otto", "vera", EVIL], "webhooks and users are closed to operators"
    admin = Client()
    admin.force_login(boss)
    assert people(admin) == ["boss", "boss", "otto", "vera", EVIL]
    assert people(admin, "?person=me") == ["boss", "boss"]
    assert people(admin, f"?person={User.objects.get(username='vera').pk}&verb=download") == ["vera"]
    assert people(admin, "?person=commands") == []
    assert people(viewer, f"?person={User.objects.get(username='otto').pk}") == []


def test_who_left_and_what_was_deleted_stay_in_the_history(admin_client: Client, admin_user: User) -> None:
    output_type = factories.output_type("gone", width=64, height=64)
    orders.archive([output_type])
    address = f"{reverse('admin:rendering_outputtype_changelist')}?archived=all"
    seen = orders.plan_deletion(list(type(output_type).objects.filter(pk=output_type.pk))).seen
    admin_client.post(
        address, {"action": "delete_archived", "_selected_action": output_type.pk, "seen": seen}
    )
    admin_user.delete()
    (entry,) = entries(Verb.DELETE)
    assert (entry.person, entry.user, "gone" in entry.name) == ("admin", None, True)


def test_everything_that_a_form_may_edit_is_tracked_unless_somebody_decided_otherwise(
    staff: Callable[..., Client],
) -> None:
    for model in tracking.TRACKED:
        names = {field.name for field in tracking.fields_of(model)}
        assert not names & {"key", "gpu_probe_last_result", "last_login"}
    assert {"number", "name", "cad_file"} <= {one.name for one in tracking.fields_of(factories.Product)}
