"""What each of the house's groups gets from each page of our own, and which buttons it sees."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse

from rendering.models import roles
from rendering.models.roles import OPERATOR, RENDER_ADMIN, VIEWER
from tests import factories
from tests.rendering.desk.conftest import World
from tests.rendering.desk.pages import page_names, url
from tests.rendering.desk.test_actions import act

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_world")]

ROLES = (VIEWER, OPERATOR, RENDER_ADMIN)
STOCK = ("changelist", "add", "change", "history", "delete")
NEEDS = {"changelist": "view", "add": "add", "change": "view", "history": "view", "delete": "delete"}
# One's own choices and downloads are no writing to what others see.
LOGIN = {
    "index",
    "my_news",
    "preferences",
    "rendering_matrix_views",
    "rendering_matrix_zip",
    "rendering_order_zip",
    "rendering_channelprofile_zip",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "autocomplete",
    "jsi18n",
}
# method, and the answers to a viewer, an operator and a render admin
OWN: dict[str, tuple[str, int, int, int]] = {
    "desk_live": ("get", 200, 200, 200),
    "gpu_gpudevice_back": ("post", 403, 403, 302),
    "gpu_gpuprobe_start": ("post", 403, 403, 302),
    "gpu_gpuprobe_live": ("get", 200, 200, 200),
    "media_assets_cadfile_live": ("get", 200, 200, 200),
    "media_assets_cadfile_reading": ("get", 403, 200, 200),
    "media_assets_cadfile_report": ("get", 200, 200, 200),
    "media_assets_product_identifiers": ("get", 403, 200, 200),
    "rendering_channelprofile_products": ("get", 200, 200, 200),
    "rendering_channelprofile_shipped": ("get", 403, 403, 200),
    "rendering_environment_preview": ("get", 404, 404, 404),  # this world's panorama has no preview
    "rendering_texture_preview": ("get", 404, 404, 404),
    "rendering_job_live": ("get", 200, 200, 200),
    "rendering_job_live_page": ("get", 200, 200, 200),
    "rendering_materialrule_decisions": ("get", 200, 200, 200),
    "rendering_materialrule_parts": ("get", 200, 200, 200),
    "rendering_order_live": ("get", 200, 200, 200),
    "rendering_order_import": ("get", 403, 200, 200),
    "rendering_matrix": ("get", 200, 200, 200),
    "media_assets_mediaasset_review": ("get", 200, 200, 200),
    "review_next": ("get", 302, 302, 302),
    "rendering_workflow_spare_parts": ("get", 403, 403, 200),
    "rendering_workflow_version": ("get", 200, 200, 200),
    "rendering_outputtype_trial": ("post", 403, 403, 200),  # says what the form lacks
    "reports": ("get", 200, 200, 200),
    "storage": ("get", 200, 200, 200),
    "storage_prune": ("post", 403, 403, 302),
}
STOCK_WRITES: dict[str, tuple[str, int, int, int]] = {
    "media_assets_cadfile_add": ("get", 403, 200, 200),
    "media_assets_product_add": ("get", 403, 200, 200),
    "rendering_order_add": ("get", 403, 200, 200),
    "rendering_outputtype_add": ("get", 403, 403, 200),
    "rendering_workflow_add": ("get", 403, 403, 200),
    "rendering_finish_add": ("get", 403, 403, 200),
    "rendering_materialrule_add": ("get", 403, 403, 200),
    "rendering_environment_add": ("get", 403, 403, 200),
    "rendering_texture_add": ("get", 403, 403, 200),
    "media_assets_product_delete": ("get", 403, 403, 200),
    "rendering_outputtype_delete": ("get", 403, 403, 200),
    "gpu_systemsettings_change": ("post", 403, 403, 200),
    "gpu_gpudevice_change": ("get", 200, 200, 200),
    "auth_user_changelist": ("get", 403, 403, 403),
}


@pytest.fixture
def person(db: None) -> Callable[[str], Client]:
    """A logged-in member of staff who is in exactly this group."""

    def log_in(role: str) -> Client:
        user = factories.user(is_staff=True)
        user.groups.add(Group.objects.get(name=role))
        client = Client()
        client.force_login(user)
        return client

    return log_in


def own_names() -> set[str]:
    """The names of the admin's addresses that are not Django's own."""
    found = set()
    for entry in admin.site.get_urls():
        for one in getattr(entry, "url_patterns", [entry]):
            name = getattr(one, "name", None)
            if name and name.rsplit("_", 1)[-1] not in STOCK:
                found.add(name)
    return found - LOGIN - {"app_list", "view_on_site"}


def address(name: str) -> str:
    for model in sorted(admin.site._registry, key=lambda one: -len(one._meta.model_name or "")):
        if name.startswith(f"{model._meta.app_label}_{model._meta.model_name}_"):
            row = model._default_manager.order_by("-pk").first()
            try:
                return reverse(f"admin:{name}")
            except Exception:
                assert row is not None, f"no {model} in this world"
                return reverse(f"admin:{name}", args=[row.pk])
    return reverse(f"admin:{name}")


@pytest.mark.parametrize("name", [*OWN, *STOCK_WRITES])
def test_each_page_answers_each_group_as_the_table_says(
    name: str, world: World, person: Callable[[str], Client]
) -> None:
    method, *expected = (OWN | STOCK_WRITES)[name]
    answers = [getattr(person(role), method)(address(name)).status_code for role in ROLES]
    assert answers == expected


@pytest.mark.slow
@pytest.mark.parametrize("role", ROLES)
def test_every_stock_page_answers_a_group_or_refuses_it_as_its_permissions_say(
    role: str, world: World, person: Callable[[str], Client]
) -> None:
    client = person(role)
    request = RequestFactory().get("/")
    request.user = User.objects.get(groups__name=role)
    wrong = []
    for label, page in page_names():
        answer = client.get(url(label, page), follow=True)
        offered = next(one for model, one in admin.site._registry.items() if model._meta.label_lower == label)
        may = getattr(offered, f"has_{NEEDS[page]}_permission")(request)
        if answer.status_code != (200 if may else 403):
            wrong.append(f"{label} {page}: {answer.status_code}, allowed: {may}")
    assert not wrong, "\n".join(wrong)


def test_a_viewer_is_refused_by_every_page_of_our_own_that_only_takes_posts_or_is_not_in_the_table(
    world: World, person: Callable[[str], Client]
) -> None:
    """A page that is not in the table yet must at least refuse a viewer who writes to it."""
    client = person(VIEWER)
    for name in sorted(own_names() - set(OWN)):
        try:
            where = address(name)
        except Exception:  # an address of an object that this world lacks
            continue
        assert client.post(where).status_code in (400, 403, 404, 405), name


ACTIONS: tuple[tuple[str, str, str, bool], ...] = (
    ("media_assets.product", "order_output_types", "product", True),
    ("media_assets.product", "render_stale", "product", True),
    ("media_assets.cadfile", "convert_again", "failed_cad_file", True),
    ("media_assets.mediaasset", "render_again", "asset", True),
    ("media_assets.product", "archive", "product", True),
    ("media_assets.product", "restore", "product", True),
    ("media_assets.cadfile", "archive", "failed_cad_file", True),
    ("media_assets.mediaasset", "archive", "asset", True),
    ("rendering.job", "cancel", "queued", True),
    ("rendering.job", "retry", "failed", True),
    ("rendering.order", "cancel", "order", True),
    ("rendering.order", "retry_failed", "order", True),
    ("rendering.order", "retry_canceled", "order", True),
    ("rendering.order", "pause", "order", True),
    ("rendering.order", "resume", "order", True),
    ("rendering.order", "raise_priority", "order", True),
    ("rendering.order", "render_again", "order", True),
)


@pytest.mark.parametrize(("label", "action", "row", "operators_may"), ACTIONS)
def test_a_viewer_neither_sees_nor_takes_an_action_that_operators_have(
    label: str,
    action: str,
    row: str,
    operators_may: bool,
    world: World,
    person: Callable[[str], Client],
) -> None:
    rows = [getattr(world, row)]
    page = reverse(f"admin:{label.replace('.', '_')}_changelist")
    viewer, operator = person(VIEWER), person(OPERATOR)
    assert f'value="{action}"' not in viewer.get(page).content.decode()
    assert act(viewer, label, action, rows).status_code == 403
    assert f'value="{action}"' in operator.get(page).content.decode()
    assert act(operator, label, action, rows).status_code == 200


@pytest.mark.parametrize(
    ("permission", "verbs"),
    [
        ("rendering.cancel_job", {"cancel"}),
        ("rendering.retry_job", {"retry_failed", "retry_canceled"}),
        ("rendering.pause_order", {"pause", "resume"}),
        ("rendering.prioritise_order", {"raise_priority"}),
        (
            "rendering.change_job",
            {"cancel", "retry_failed", "retry_canceled", "pause", "resume", "raise_priority"},
        ),
    ],
)
def test_each_verb_has_a_permission_of_its_own(
    permission: str, verbs: set[str], world: World, staff: Callable[..., Client]
) -> None:
    page = staff("rendering.view_order", permission).get(reverse("admin:rendering_order_changelist"))
    shown = {name for name, _ in page.context["cl"].model_admin.get_action_choices(page.wsgi_request)}
    assert shown - {""} == verbs


def test_the_matrix_lets_a_viewer_download_and_refuses_its_other_verbs(
    world: World, person: Callable[[str], Client]
) -> None:
    page = reverse("admin:rendering_matrix")
    viewer, operator = person(VIEWER), person(OPERATOR)
    shown = viewer.get(page).content.decode()
    assert shown.count('name="verb"') == shown.count('name="verb" value="zip"') == 1
    assert operator.get(page).content.decode().count('name="verb"') == 5
    for verb in ("order", "render_again", "cancel", "retry"):
        assert viewer.post(page, {"verb": verb}).status_code == 403
        assert operator.post(page, {"verb": verb}).status_code == 302


def test_the_priority_of_an_order_is_for_those_who_may_change_it(
    world: World, staff: Callable[..., Client]
) -> None:
    page = reverse("admin:rendering_order_change", args=[world.order.pk])
    client = staff("rendering.view_order", "rendering.change_order")
    client.post(page, {"note": "For the fair", "priority": "99"})
    world.order.refresh_from_db()
    assert (world.order.note, world.order.priority) == ("For the fair", 50)


def granted(role: str) -> set[str]:
    return {
        f"{one.content_type.app_label}.{one.codename}"
        for one in Permission.objects.filter(group__name=role).select_related("content_type")
    }


def test_a_migration_gives_what_is_new_and_overrules_no_administrator() -> None:
    operators = Group.objects.get(name=OPERATOR)
    cancel = Permission.objects.get(codename="cancel_job")
    probe = Permission.objects.get(codename="probe_gpu")
    operators.permissions.remove(cancel)
    operators.permissions.add(probe)
    operators.permissions.remove(Permission.objects.get(codename="pause_order"))
    roles.RoleGrant.objects.filter(role=OPERATOR, permission="rendering.pause_order").delete()  # as if new
    Group.objects.get(name=VIEWER).delete()
    call_command("migrate", verbosity=0)
    assert "rendering.cancel_job" not in granted(OPERATOR)
    assert {"gpu.probe_gpu", "rendering.pause_order"} <= granted(OPERATOR)
    assert not Group.objects.filter(name=VIEWER).exists()


def test_groups_grow_from_viewer_to_render_admin() -> None:
    assert granted(VIEWER) < granted(OPERATOR) < granted(RENDER_ADMIN)
    assert all(".view_" in name for name in granted(VIEWER))
    assert not any(
        "delete_" in name or ("settings" in name and "change" in name) for name in granted(OPERATOR)
    )
    assert not any(name.startswith("auth.") for name in granted(RENDER_ADMIN))


def test_a_group_that_was_there_before_keeps_its_own(django_user_model: Any) -> None:
    roles.RoleGrant.objects.all().delete()
    viewers = Group.objects.get(name=VIEWER)
    viewers.permissions.set([Permission.objects.get(codename="probe_gpu")])
    roles.make_groups()
    assert "gpu.probe_gpu" in granted(VIEWER) and "rendering.view_order" in granted(VIEWER)
