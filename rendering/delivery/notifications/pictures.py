"""Pictures and CAD files in messages: what became of each, in the transaction in which it did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery, prefetch_related_objects

from media_assets.models import CadFile, MediaAsset, Product
from media_assets.models.batches import batches
from rendering.delivery.notifications.files import about_asset, about_cad_file, about_line
from rendering.delivery.notifications.receivers import chosen, notify_of_items
from rendering.models import Approval, Event, Job, OrderLine, Review
from rendering.models.review import withheld
from rendering.orders import staleness


def on_lines_ended(*, lines: Sequence[OrderLine], **_: Any) -> None:
    """Notify of what these stored lines delivered, what that replaced, and what failed."""
    wanted = chosen() & {Event.PICTURE_DELIVERED, Event.PICTURE_REPLACED, Event.PICTURE_FAILED}
    if not wanted:
        return
    done = [line for line in lines if line.state == OrderLine.State.DONE and line.asset]
    kept_back = withheld(
        line.asset_id for line in done if line.asset_id
    )  # notified of once they are approved
    done = [line for line in done if line.asset_id not in kept_back]
    prefetch_related_objects([line.asset for line in done if line.asset], "product")
    if Event.PICTURE_DELIVERED in wanted:
        notify_of_items(Event.PICTURE_DELIVERED, "pictures", [about_line(line) for line in done])
    if Event.PICTURE_REPLACED in wanted:
        notify_of_items(Event.PICTURE_REPLACED, "pictures", _replaced(done))
    if Event.PICTURE_FAILED in wanted:
        failed = [about_line(line) for line in lines if line.state == OrderLine.State.FAILED]
        notify_of_items(Event.PICTURE_FAILED, "pictures", failed)


def on_picture_judged(
    *, review: Review, lines: Sequence[OrderLine], is_first_approval: bool, **_: Any
) -> None:
    """Notify of a verdict; at the first approval also of the delivery, which was kept back until then."""
    wanted, is_approved = chosen(), review.verdict == Approval.APPROVED
    event = Event.PICTURE_APPROVED if is_approved else Event.PICTURE_REJECTED
    if event in wanted:
        items = [{**about_line(line), "approval": review.as_dict()} for line in lines]
        notify_of_items(event, "pictures", items)
    waited = [line for line in lines if line.output_type and line.output_type.needs_approval]
    if is_approved and is_first_approval and waited:
        on_lines_ended(lines=waited)


def _replaced(done: Sequence[OrderLine]) -> list[dict[str, Any]]:
    """Return what was delivered before of the same products and output types: the old picture, and what is there now.

    A forced render is the same asset with other bytes; those before are gone, so they have no hash.
    """
    by_pk = {line.pk: line for line in done if line.product_id and line.output_type_id}
    before: dict[int, int] = {}
    for some in batches(sorted(by_pk)):
        rows = OrderLine.objects.filter(pk__in=some).annotate(before=Subquery(_earlier().values("pk")[:1]))
        before |= {pk: last for pk, last in rows.values_list("pk", "before") if last}
    found = []
    for some in batches(sorted(set(before.values()))):
        earlier = OrderLine.objects.filter(pk__in=some).select_related(
            "asset__product", "product", "output_type", "variant"
        )
        old = {line.pk: line for line in earlier.defer("asset__recipe")}
        for pk, last in before.items():
            if last in old and (item := _replacement(old[last], by_pk[pk])):
                found.append(item)
    return found


def _earlier() -> QuerySet[OrderLine]:
    same = OrderLine.objects.of_same().filter(variant_slug="")
    return same.filter(state=OrderLine.State.DONE, asset__isnull=False, pk__lt=OuterRef("pk")).order_by("-pk")


def _replacement(old: OrderLine, new: OrderLine) -> dict[str, Any] | None:
    assert old.asset and new.asset and old.finished
    is_same = old.asset_id == new.asset_id
    if is_same and new.asset.produced <= old.finished:
        return None  # delivered once more
    said = about_line(old)
    if is_same:
        said["asset"] = {"id": old.asset_id, "sha256": None}
    return {**said, "by": about_asset(new.asset)}


def on_product_revised(*, product: Product, cad_file: CadFile, is_new_file: bool, **_: Any) -> None:
    """Notify of a new CAD file that can't be read, and of the pictures that another one of their product made stale."""
    if is_new_file and cad_file.state == CadFile.State.FAILED and Event.CAD_FAILED in chosen():
        notify_of_items(Event.CAD_FAILED, "cad_files", [about_cad_file(cad_file)])
    _note_stale([product])


def look_for_stale(number: int) -> int:
    """Find pictures that became stale by themselves: by another output type, finish or Blender; return how many.

    *number*: which of the looks it is. Each is about some of the products, so that one edit makes no flood.
    """
    return _note_stale(staleness.turn(number)) if Event.PICTURE_STALE in chosen() else 0


def _note_stale(products: Sequence[Product]) -> int:
    if Event.PICTURE_STALE not in chosen():
        return 0
    with transaction.atomic():
        stale = staleness.newly_stale(products)
        items = [{**about_line(item.line), "why": item.why} for item in stale]
        notify_of_items(Event.PICTURE_STALE, "pictures", items)
    return len(stale)


def on_job_ended(*, job: Job, **_: Any) -> None:
    """Notify of a CAD file that was converted for the first time as it is to be read, or can't be."""
    if job.kind != Job.Kind.TESSELLATE or job.cad_file is None:
        return
    wanted, state, event = chosen(), job.cad_file.state, None
    if job.state == Job.State.FAILED and state == CadFile.State.FAILED:
        event = Event.CAD_FAILED
    elif job.state == Job.State.SUCCEEDED and state == CadFile.State.READY and _is_first(job):
        event = Event.CAD_READY
    if event in wanted:
        notify_of_items(event, "cad_files", [about_cad_file(job.cad_file)])


def _is_first(job: Job) -> bool:
    """Whether a conversion made the first geometry of its reading: in another quality the file is no more ready."""
    if job.asset is None or job.asset.kind != MediaAsset.Kind.GLTF_GEOMETRY:
        return False
    if job.reuse.get("geometry", {}).get("hit"):
        return False
    others = MediaAsset.objects.filter(cad_file=job.cad_file_id, kind=MediaAsset.Kind.GLTF_GEOMETRY)
    mine = {**job.asset.recipe, "tessellation": None}
    recipes = others.exclude(pk=job.asset.pk).values_list("recipe", flat=True)
    return all({**recipe, "tessellation": None} != mine for recipe in recipes)
