"""Who may do what: one permission for each verb, and the groups that a migration makes of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.auth.models import AnonymousUser, Group, Permission
from django.db import transaction

from rendering.models import RoleGrant

APPS = ("media_assets", "gpu", "rendering")
VIEWER, OPERATOR, APPROVER, RENDER_ADMIN = "Viewer", "Operator", "Approver", "Render admin"

# Any one of them will do. Who may change jobs may do everything to them: that was the only permission once.
VERBS: Mapping[str, tuple[str, ...]] = {
    "upload": ("media_assets.add_cadfile",),
    "order": ("rendering.add_order",),
    "cancel": ("rendering.cancel_job", "rendering.change_job"),
    "retry": ("rendering.retry_job", "rendering.change_job"),
    "prioritize": ("rendering.prioritise_order", "rendering.change_job"),
    "pause": ("rendering.pause_order", "rendering.change_job"),
    "control": ("gpu.pause_queue", "rendering.change_job"),  # whole queues, and so everybody's work
    "finish": ("rendering.assign_finish", "rendering.add_materialrule"),  # of a product's parts
    "share": ("rendering.add_sharelink",),
    "prune": ("gpu.prune",),
    "comment": ("rendering.add_picturecomment",),
    "approve": ("rendering.approve_picture",),
}
# Seen by nobody who need not: links are keys, and addresses and secrets of webhooks are no pictures.
NOT_FOR_VIEWERS = (
    *("rendering.view_sharelink", "rendering.view_webhook", "rendering.view_rolegrant"),
    "rendering.view_apitoken",
)
OPERATOR_ALSO = (
    "media_assets.add_cadfile",
    "media_assets.change_cadfile",
    "media_assets.archive_cadfile",
    "media_assets.add_product",
    "media_assets.change_product",
    "media_assets.archive_product",
    "media_assets.archive_mediaasset",
    *("media_assets.add_customer", "media_assets.change_customer"),
    *("media_assets.add_collection", "media_assets.change_collection"),
    *("media_assets.add_tag", "media_assets.change_tag"),
    "rendering.add_order",
    "rendering.change_order",
    "rendering.cancel_job",
    "rendering.retry_job",
    "rendering.prioritise_order",
    "rendering.pause_order",
    "rendering.assign_finish",
    *("rendering.add_label", "rendering.change_label"),
    "rendering.add_sharelink",
    "rendering.change_sharelink",
    "rendering.view_sharelink",
    "rendering.see_everybody",
    "rendering.add_picturecomment",
)

# Whoever is confined to the products of some customers may do no more than this, whatever their groups say: it is about
# products that they see. Everything else would tell of the others, or change them.
CONFINED_MAY = frozenset(
    (
        *(
            f"media_assets.{verb}_{kind}"
            for kind in ("product", "cadfile")
            for verb in ("view", "add", "change")
        ),
        *(f"media_assets.archive_{kind}" for kind in ("product", "cadfile", "mediaasset")),
        *(f"media_assets.view_{kind}" for kind in ("mediaasset", "customer", "collection", "tag")),
        *("media_assets.add_collection", "media_assets.add_tag"),
        *(
            f"rendering.{verb}_{kind}"
            for kind in ("order", "sharelink")
            for verb in ("view", "add", "change")
        ),
        *("rendering.view_job", "rendering.cancel_job", "rendering.retry_job"),
        *("rendering.prioritise_order", "rendering.pause_order"),
        *(
            f"rendering.view_{kind}"
            for kind in ("outputtype", "channelprofile", "environment", "studio", "workflow")
        ),
        *(
            "rendering.view_finish",
            "rendering.view_texture",
            *(f"rendering.{verb}_label" for verb in ("view", "add", "change")),
            "rendering.view_materialrule",
            "rendering.assign_finish",
        ),
        *("rendering.add_picturecomment", "rendering.approve_picture"),
        *("rendering.view_historyentry", "rendering.view_reports"),
    )
)

APPROVER_ALSO = ("rendering.approve_picture", "rendering.add_picturecomment")


def may(user: Any, verb: str) -> bool:
    """Return whether *user* may do *verb*, a key of VERBS."""
    if isinstance(user, AnonymousUser):
        return False
    return any(user.has_perm(permission) for permission in VERBS[verb])


def wanted() -> dict[str, list[str]]:
    """Return the permissions (app.codename) of each group, of those that this version has."""
    rows = Permission.objects.filter(content_type__app_label__in=APPS)
    every = [
        f"{app}.{code}"
        for app, code in rows.values_list("content_type__app_label", "codename").order_by("id")
    ]
    seen = [name for name in every if ".view_" in name and name not in NOT_FOR_VIEWERS]
    orders = [name for name in every if name in OPERATOR_ALSO]
    judges = [name for name in every if name in APPROVER_ALSO]
    return {VIEWER: seen, OPERATOR: [*seen, *orders], APPROVER: [*seen, *judges], RENDER_ADMIN: every}


@transaction.atomic
def make_groups() -> None:
    """Create the groups and grant permissions that they never had; nothing is removed.

    A permission that was taken from a group, and a group that was deleted or renamed, stay so.
    """
    for role, names in wanted().items():
        given = set(RoleGrant.objects.filter(role=role).values_list("permission", flat=True))
        new = [name for name in names if name not in given]
        if not new:
            continue
        if given:
            group = Group.objects.filter(name=role).first()
        else:
            group, _ = Group.objects.get_or_create(name=role)
        if group is not None:
            group.permissions.add(*_permissions(new))
        RoleGrant.objects.bulk_create(
            (RoleGrant(role=role, permission=name) for name in new), ignore_conflicts=True
        )


def _permissions(names: Iterable[str]) -> list[Permission]:
    by_name = {
        f"{one.content_type.app_label}.{one.codename}": one
        for one in Permission.objects.filter(content_type__app_label__in=APPS).select_related("content_type")
    }
    return [by_name[name] for name in names]
