"""Workflows: the current version, which of them run on an upload, and what a version changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from media_assets.models import Product
from rendering.models import Workflow, WorkflowVersion, steps

KEPT = ("name", "runs_on_upload", "uploads", "priority", "steps_json")


@dataclass(frozen=True)
class Edition:
    """A version and, in words, what it changed."""

    version: WorkflowVersion
    changes: Sequence[str]


@transaction.atomic
def current(workflow: Workflow, by: str = "") -> WorkflowVersion:
    """Return the version of *workflow* as it is now: the newest one, or a new one if anything was changed since.

    *by*: who changed it, in words.
    """
    row = Workflow.objects.select_for_update().get(pk=workflow.pk)
    now = contents(row)
    newest = row.versions.order_by("-number").first()
    if newest and all(getattr(newest, name) == now[name] for name in KEPT):
        return newest
    number = newest.number + 1 if newest else 1
    return WorkflowVersion.objects.create(workflow=row, number=number, by=by[:200], **now)


def contents(workflow: Workflow) -> dict[str, Any]:
    """Return what a version keeps of *workflow*."""
    rows = workflow.steps.select_related("output_type").order_by("position", "id")
    return {
        "name": workflow.name,
        "runs_on_upload": workflow.runs_on_upload,
        "uploads": workflow.uploads,
        "priority": workflow.priority,
        "steps_json": [row.step.to_json() for row in rows],
    }


def renumber(workflow: Workflow) -> None:
    """Number the steps 1, 2, 3 ... in their order; what one waits for goes with its step."""
    rows = list(workflow.steps.order_by("position", "id"))
    new = {row.position: number for number, row in reversed(list(enumerate(rows, 1)))}
    for number, row in enumerate(rows, 1):
        after = new.get(row.after) if row.after else None
        if (row.position, row.after) != (number, after):
            workflow.steps.filter(pk=row.pk).update(position=number, after=after)


def for_upload(product: Product) -> list[Workflow]:
    """Return the workflows that run by themselves for the present CAD file of *product*."""
    is_first = product.revisions <= 1
    own = Workflow.Uploads.FIRST if is_first else Workflow.Uploads.REVISION
    found = Workflow.objects.filter(runs_on_upload=True, uploads__in=[Workflow.Uploads.EVERY, own])
    return [workflow for workflow in found.order_by("slug") if workflow.steps.exists()]


def editions(workflow: Workflow) -> list[Edition]:
    """Return the versions of *workflow*, the newest first, each with what it changed."""
    rows = list(workflow.versions.order_by("-number"))
    return [Edition(row, changes(before, row)) for row, before in zip(rows, [*rows[1:], None], strict=True)]


def before(version: WorkflowVersion) -> WorkflowVersion | None:
    """Return the version before this one; None for the first."""
    older = WorkflowVersion.objects.filter(workflow=version.workflow_id, number__lt=version.number)
    return older.order_by("-number").first() if version.workflow_id else None


def changes(old: WorkflowVersion | None, new: WorkflowVersion) -> list[str]:
    """Return in words what *new* changed; none for the first version."""
    if old is None:
        return []
    words = []
    if old.name != new.name:
        words.append(_("Name: {before} → {after}").format(before=old.name, after=new.name))
    if old.on_upload != new.on_upload:
        words.append(
            _("Runs: {before} → {after}").format(before=old.on_upload.lower(), after=new.on_upload.lower())
        )
    if old.priority != new.priority:
        words.append(_("Priority: {before} → {after}").format(before=old.priority, after=new.priority))
    words += steps.differences(old.steps, new.steps)
    return words or [_("Only the names of output types changed.")]
