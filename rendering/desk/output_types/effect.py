"""What an edit of an output type does to the pictures that exist, said before it is saved."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from rendering.catalog.explosions import explosion_of
from rendering.catalog.parts.picturing import PartChoice
from rendering.catalog.recipes import recipes
from rendering.catalog.sections import section_of
from rendering.desk.output_types.trials import trial_form
from rendering.models import OutputType
from rendering.orders.deliverables import Deliverable, deliverables

MOST = 500  # pictures that are looked at, those of the newest lines
NAMED = 8


def effect(before: OutputType, now: OutputType) -> str:
    """Return which delivered pictures are stale and which current again with *now*, which is not saved yet.

    "" where nothing changes, or nothing was delivered.
    """
    was, will = (recipes({}, one, "") for one in (before, now))
    source_changed = before.tessellation != now.tessellation or any(
        of(before) != of(now) for of in (section_of, explosion_of, PartChoice.of)
    )
    if was.file == will.file and not source_changed:
        return ""
    try:
        old = {item.asset.pk for item in _delivered(before) if item.changed}
        found = _delivered(now)
    except (BlenderMissing, BlenderTooOld):
        return _("Pictures of this output type may become stale. Without Blender nobody can say which.")
    if not found:
        return ""
    stale = [item for item in found if item.changed]
    again = [item for item in found if not item.changed and item.asset.pk in old]
    said = [_stale(stale, len(found)) if stale else _("No delivered picture of this output type is stale.")]
    if again:
        words = ngettext(
            "%(count)d is current again: %(products)s.",
            "%(count)d are current again: %(products)s.",
            len(again),
        )
        said.append(words % {"count": len(again), "products": _numbers(again)})
    if stale:
        is_rendered = was.view != will.view or source_changed or now.width > before.width
        said.append(
            _("Re-render them under Deliverables.")
            if is_rendered
            else _(
                "No new render is needed: order them under Deliverables to derive them from the stored masters."
            )
        )
    return " ".join(said)


def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Return that for the form as it is sent; nothing for one that can't be saved."""
    if not request.user.has_perm("rendering.change_outputtype"):
        raise PermissionDenied
    before = get_object_or_404(OutputType, pk=pk)
    form = trial_form()(request.POST, instance=OutputType.objects.get(pk=pk))
    words = effect(before, form.save(commit=False)) if form.is_valid() else ""
    return TemplateResponse(request, "desk/output_types/effect.html", {"words": words})


def _delivered(output_type: OutputType) -> list[Deliverable]:
    return deliverables(output_types=[output_type], as_if=output_type, most=MOST)


def _stale(stale: list[Deliverable], count: int) -> str:
    numbers = {"stale": len(stale), "count": count, "products": _numbers(stale)}
    if count == MOST:
        return (
            _(
                "%(stale)d of the newest %(count)d delivered pictures of this output type are stale: %(products)s."
            )
            % numbers
        )
    words = ngettext(
        "%(stale)d of %(count)d delivered picture of this output type is stale: %(products)s.",
        "%(stale)d of %(count)d delivered pictures of this output type are stale: %(products)s.",
        count,
    )
    return words % numbers


def _numbers(items: Iterable[Deliverable]) -> str:
    numbers = [item.product.number for item in items]
    shown = ", ".join(numbers[:NAMED])
    if len(numbers) <= NAMED:
        return shown
    return _("%(numbers)s and %(count)d more") % {"numbers": shown, "count": len(numbers) - NAMED}
