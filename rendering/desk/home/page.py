"""The first page: the orders that run, what needs a decision, is stale or failed, the last pictures, the machines."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.db.models import Count
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from gpu.models import SystemSettings, Worker
from gpu.models.system_settings import DevicePolicy
from gpu.queues import topology
from media_assets import storage
from media_assets.models import CadFile, MediaAsset, Product
from media_assets.serving import html
from media_assets.serving.links import small_url
from rendering.desk.home import cards, work
from rendering.desk.jobs import cells
from rendering.models import Alert, Job
from rendering.models.alert import RUNBOOK, AlertName
from rendering.models.errors import problem_of
from rendering.models.roles import may

FAILED_LIMIT = 8
HELD_LIMIT = 200
ALERTS_LIMIT = 100
PICTURES_LIMIT = 18
LATELY = timedelta(days=1)

User = AbstractBaseUser | AnonymousUser


def desk(user: User) -> dict[str, Any]:
    """Return what the desk's panels show to *user*: only what the user may also see on its own page."""
    sees_products = _may(user, "media_assets.view_product")
    context: dict[str, Any] = {"now": timezone.now()}
    sees_jobs = _may(user, "rendering.view_job")
    sees_pictures = _may(user, "media_assets.view_mediaasset")
    row = SystemSettings.load()
    if sees_jobs or _may(user, "gpu.view_gpudevice"):
        shown = cards.cards(row, with_jobs=sees_jobs, with_pictures=sees_pictures)
        context |= {**shown, "sees_jobs": sees_jobs, "may_control": may(user, "control")}
    if _may(user, "rendering.view_order"):
        context |= work.running_orders(user)
    if _may(user, "media_assets.view_cadfile"):
        context |= work.decisions()
        context["to_approve"] = work.to_approve() if sees_pictures and may(user, "approve") else 0
    if sees_pictures and sees_products:
        context |= work.stale()
    if sees_jobs:
        context |= {**failures(), "fallbacks": fallbacks(), "held": held()}
    if sees_pictures:
        context["pictures"] = pictures()
    if sees_products:
        context["is_new_installation"] = not Product.objects.exists()
    if _may(user, "gpu.view_systemsettings"):
        context["machine"] = machine(row)
    if _may(user, "rendering.view_alert"):
        context["alerts"] = alerts()
    return context


def _may(user: User, permission: str) -> bool:
    return isinstance(user, PermissionsMixin) and user.has_perm(permission)


def failures() -> dict[str, Any]:
    """Return what failed in the last day, newest first: jobs, and CAD files that were no use from the start.

    Not what is archived: somebody has dealt with that.
    """
    since = timezone.now() - LATELY
    jobs = cells.light(Job.objects.filter(state=Job.State.FAILED, finished__gte=since)).order_by("-finished")
    jobs = jobs.filter(cad_file__archived_at__isnull=True, product__archived_at__isnull=True)
    files = CadFile.objects.unarchived().filter(state=CadFile.State.FAILED, created__gte=since, jobs=None)
    files = files.exclude(error_code__in=work.QUESTIONS)
    return {
        "failed": [cells.describe(job) for job in jobs[:FAILED_LIMIT]],
        "failed_files": [{"file": one, "problem": problem_of(one)} for one in files[:FAILED_LIMIT]],
        "failed_count": jobs.count() + files.count(),
    }


def held() -> list[dict[str, Any]]:
    """Return what held jobs lack, by the codes of their errors: how many, and the one that needs most."""
    rows = Job.objects.held().order_by()
    counts = dict(rows.values_list("error_code").annotate(count=Count("id")))
    shown = []
    for code, count in sorted(counts.items()):
        some = rows.filter(error_code=code).only("error_code", "error", "error_details")[:HELD_LIMIT]
        worst = max(some, key=lambda job: job.error_details.get("needed", 0), default=None)
        if worst:
            details = worst.error_details
            folder = details.get("folder", "")
            free = storage.space_of(Path(folder)).free if details.get("needed") else 0
            told = {"needed": details.get("needed"), "free": free, "folder": folder}
            shown.append({"count": count, "problem": problem_of(worst), **told})
    return shown


def alerts() -> list[dict[str, Any]]:
    """Return the alerts that hold now, those of one kind together, with what to do."""
    found: dict[str, list[Alert]] = {}
    for alert in Alert.objects.current().order_by("name", "subject")[:ALERTS_LIMIT]:
        found.setdefault(alert.name, []).append(alert)
    return [
        {"name": AlertName(name), "alerts": some, "facts": RUNBOOK[AlertName(name)]}
        for name, some in found.items()
    ]


def fallbacks() -> int:
    """Return how many renders of the last day the CPU did though a GPU was expected."""
    since = timezone.now() - LATELY
    return Job.objects.filter(gpu_fallback=True, finished__gte=since).count()


def pictures() -> list[dict[str, Any]]:
    """Return the newest pictures that a browser can show, with their addresses."""
    newest = MediaAsset.objects.filter(html.is_shown(), kind__in=MediaAsset.PICTURES)
    newest = newest.select_related("product").defer("recipe")
    return [{"asset": asset, "source": small_url(asset)} for asset in newest[:PICTURES_LIMIT]]


def machine(row: SystemSettings) -> dict[str, Any]:
    """Return the disk, the device policy and its source, and whether anybody works."""
    space = storage.media_space()
    return {
        "is_bucket": storage.is_bucket(),
        "free": space.free,
        "total": space.total,
        "used": space.total - space.free,
        "is_low": space.free < row.disk_floor_mb * 1_000_000 * 2,
        "is_full": space.free < row.disk_floor_mb * 1_000_000,
        "floor_mb": row.disk_floor_mb,
        "policy": row.device_policy,
        "policy_source": _(row.device_policy_source),
        "waits_for_gpu": waits_for_gpu(row),
        "workers": Worker.objects.alive().count(),
    }


def waits_for_gpu(row: SystemSettings) -> str:
    """Return in a sentence why renders wait though workers are alive: no GPU may take them; "" when one may."""
    now = topology.current()
    if row.device_policy == DevicePolicy.GPU and not any(queue.gpu for queue in now.queues):
        return _(
            "The device policy is gpu and no GPU is usable, so renders wait. Repair the GPU and probe again, "
            "switch it on, or set the policy to auto."
        )
    if now.unserved:
        lanes = get_text_list([_(lane.facts.label) for lane in now.unserved], _("and"))
        words = _(
            "No GPU serves the %(lanes)s lane, so its renders wait. Assign the lane to a GPU under GPUs."
        )
        return words % {"lanes": lanes}
    return ""
