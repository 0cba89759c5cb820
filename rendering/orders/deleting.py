"""Deletion of what is archived: what goes with it, what refuses, and what keeps its words.

Orders, jobs and the history stay. A line or a job keeps the number and names of what it was about.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from media_assets.ingest import stored
from media_assets.models import CadFile, MediaAsset, Product, numbers
from media_assets.models.archivable import Archivable
from media_assets.recipes import recipe_key
from rendering.models import (
    ChannelProfile,
    Job,
    MaterialRule,
    Order,
    OrderLine,
    OrderStep,
    OutputType,
    ShareLink,
    Variant,
    WorkflowStep,
)
from rendering.models.job import JobQuerySet
from rendering.models.order import OrderLineQuerySet
from rendering.orders.archiving import own_cad_files
from rendering.signals import put_away

SHOWN = 20  # rows of one reason


@dataclass(frozen=True)
class Portion:
    """Rows of one kind: how many, with how many bytes of files."""

    label: str
    count: int
    bytes: int = 0


@dataclass(frozen=True)
class Obstacle:
    """A row that refuses, and why."""

    row: Model
    why: str


@dataclass
class DeletionPlan:
    """What a deletion takes with it, what stays, and what refuses it."""

    rows: list[Archivable]
    goes: list[Portion] = field(default_factory=list)
    stays: list[Portion] = field(default_factory=list)
    obstacles: list[Obstacle] = field(default_factory=list)

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.goes)

    @property
    def seen(self) -> str:
        """What tells this plan from another one."""
        goes = [[one.label, one.count, one.bytes] for one in self.goes]
        return recipe_key({"rows": [row.pk for row in self.rows], "goes": goes})

    @property
    def words(self) -> str:
        """What goes, in a sentence."""
        parts = ", ".join(f"{one.label}: {numbers.grouped(one.count)}" for one in self.goes)
        return _("Gone: {parts}. Files: {size}.").format(
            parts=parts, size=filesizeformat(self.bytes).replace("\xa0", " ")
        )


class DeletionRefused(Exception):
    """Nothing was deleted: something refuses, or more or less would go than was shown."""

    def __init__(self, words: str, plan: DeletionPlan) -> None:
        super().__init__(words)
        self.plan = plan


@dataclass(frozen=True)
class _Extent:
    """All that goes: ids, and the assets as a queryset of what may be many."""

    product_ids: list[int]
    cad_ids: list[int]
    type_ids: list[int]
    assets: QuerySet[MediaAsset]

    @property
    def products(self) -> QuerySet[Product]:
        return Product.objects.filter(pk__in=self.product_ids)

    @property
    def cad_files(self) -> QuerySet[CadFile]:
        return CadFile.objects.defer("tree", "report").filter(pk__in=self.cad_ids)

    @property
    def output_types(self) -> QuerySet[OutputType]:
        return OutputType.objects.filter(pk__in=self.type_ids)

    @property
    def rules(self) -> QuerySet[MaterialRule]:
        return MaterialRule.objects.filter(product__in=self.product_ids)

    @property
    def links(self) -> QuerySet[ShareLink]:
        return ShareLink.objects.filter(asset__in=self.assets.order_by())

    @property
    def about(self) -> Q:
        """The condition that a line, a job or a step is about a product or a CAD file that goes."""
        return Q(product__in=self.product_ids) | Q(cad_file__in=self.cad_ids)


def plan_deletion(rows: Sequence[Archivable]) -> DeletionPlan:
    """Return what deleting *rows*, of one model, would do; nothing is written."""
    return _plan(list(rows), _extent(rows))


def delete(rows: Sequence[Archivable], seen: str) -> DeletionPlan:
    """Delete *rows*, of one model, with what goes with them, and return what that was. Raises DeletionRefused.

    *seen*: that of the plan that was agreed to. Files go once the transaction is through, except those that other rows
    need; a crash in between leaves files without rows.
    """
    with transaction.atomic():
        found = _locked(type(rows[0]), [row.pk for row in rows]) if rows else []
        extent = _extent(found)
        for some in (extent.cad_files, extent.assets):
            list(some.select_for_update().order_by("pk").values_list("pk", flat=True))
        plan = _plan(found, extent)
        if plan.obstacles:
            raise DeletionRefused(_("Nothing was deleted: something needs it."), plan)
        if len(found) < len(rows) or plan.seen != seen:
            raise DeletionRefused(
                _("Nothing was deleted: it has changed meanwhile. Look at the list again."), plan
            )
        along = [*extent.cad_files, *extent.rules, *extent.links]
        put_away.send(Archivable, verb="delete", rows=found, along=along, words=plan.words)
        names = stored.names_of(extent.cad_files, extent.assets)
        _hand_over(extent)
        _keep_words(extent)
        _remove(extent)
        transaction.on_commit(lambda: stored.delete_unused(names))
    return plan


def _locked(model: type[Archivable], ids: Collection[int]) -> list[Archivable]:
    """Return the rows with these ids; whoever orders them waits until the transaction ends."""
    found = model._default_manager.filter(pk__in=ids)
    return list(found.select_for_update().order_by("pk"))


def _extent(rows: Sequence[Archivable]) -> _Extent:
    """Return all that goes with *rows*: with a product its own CAD files, and its pictures that no other has got.

    A picture of a part stays that was delivered for another product or CAD file as well.
    """
    ids = [row.pk for row in rows]
    assets = MediaAsset.objects.order_by("pk")
    match rows[0] if rows else None:
        case Product():
            cads = list(own_cad_files(ids).values_list("pk", flat=True))
            theirs = OrderLine.objects.filter(product__isnull=False, asset=OuterRef("pk")).exclude(
                product__in=ids
            )
            mine = Q(product__in=ids, kind__in=MediaAsset.PICTURES)
            return _Extent(ids, cads, [], assets.filter(Q(cad_file__in=cads) | mine, ~Exists(theirs)))
        case CadFile():
            theirs = _of_other_files(ids).filter(asset=OuterRef("pk"))
            return _Extent([], ids, [], assets.filter(~Exists(theirs), cad_file__in=ids))
        case MediaAsset():
            return _Extent([], [], [], assets.filter(pk__in=ids))
    return _Extent([], [], ids, assets.none())


def _plan(rows: list[Archivable], extent: _Extent) -> DeletionPlan:
    lines, jobs = _lines(extent), _jobs(extent)
    goes = [
        _portion(extent.products),
        _portion(extent.output_types),
        _portion(extent.cad_files, has_bytes=True),
        *(
            Portion(str(kind.label), found["count"], found["bytes"] or 0)
            for kind in MediaAsset.Kind
            for found in [_sum(extent.assets.filter(kind=kind))]
        ),
        _portion(OrderStep.objects.filter(extent.about), _("Steps of workflows in orders")),
        _portion(Variant.objects.filter(product__in=extent.product_ids)),
        _portion(extent.rules),
        _portion(extent.links),
    ]
    stays = [
        Portion(_("Order lines: they keep the number and the names"), lines.count()),
        Portion(_("Jobs: they keep times and devices for the reports"), jobs.count()),
    ]
    obstacles = list(_obstacles(rows, extent))
    return DeletionPlan(
        rows, [one for one in goes if one.count], [one for one in stays if one.count], obstacles
    )


def _sum(assets: QuerySet[MediaAsset]) -> dict[str, Any]:
    return {"count": assets.count(), **assets.order_by().aggregate(bytes=Sum("bytes"))}


def _portion(rows: QuerySet[Any], label: str = "", *, has_bytes: bool = False) -> Portion:
    total = rows.order_by().aggregate(bytes=Sum("bytes"))["bytes"] if has_bytes else 0
    return Portion(capfirst(label or str(rows.model._meta.verbose_name_plural)), rows.count(), total or 0)


def _lines(extent: _Extent) -> OrderLineQuerySet:
    return OrderLine.objects.filter(extent.about | Q(output_type__in=extent.type_ids)).order_by()


def _jobs(extent: _Extent) -> JobQuerySet:
    return Job.objects.filter(extent.about | Q(output_type__in=extent.type_ids)).order_by()


def _obstacles(rows: Sequence[Archivable], extent: _Extent) -> list[Obstacle]:
    """Return what refuses the deletion, each with what to do; of one reason up to SHOWN rows."""
    found = [Obstacle(row, _("It is not archived. Archive it first.")) for row in rows if not row.is_archived]
    lines, jobs = _lines(extent).live(), _jobs(extent).live()
    if rows and isinstance(rows[0], MediaAsset):  # what makes or delivers the same file again
        keys = list(extent.assets.values_list("recipe_key", flat=True))
        lines = OrderLine.objects.live().filter(recipe_key__in=keys)
        jobs = Job.objects.live().filter(recipe_key__in=keys)
    orders = Order.objects.filter(
        Q(pk__in=lines.values("order"))
        | Q(pk__in=OrderStep.objects.open().filter(extent.about).values("order"))
    )
    now = timezone.now()
    opened = ShareLink.objects.filter(revoked=None, expires__gt=now)
    of_orders = OrderLine.objects.order_by().filter(
        state=OrderLine.State.DONE, asset__in=extent.assets.order_by()
    )
    shares = opened.filter(Q(asset__in=extent.assets.order_by()) | Q(order__in=of_orders.values("order")))
    users = Product.objects.filter(cad_file__in=extent.cad_ids).exclude(pk__in=extent.product_ids)
    steps = WorkflowStep.objects.filter(output_type__in=extent.type_ids).select_related("workflow")
    channels = ChannelProfile.objects.filter(outputs__output_type__in=extent.type_ids).distinct()
    reasons: list[tuple[Any, str]] = [
        (orders, _("Something of this order is in progress. Wait for it, or cancel it.")),
        (jobs, _("This job is waiting or running. Wait for it, or cancel it.")),
        (shares, _("This share link is open. Revoke it, or wait until it expires.")),
        (
            users,
            _("This product has it as its current CAD file. Delete the product: the CAD file goes with it."),
        ),
        ([step.workflow for step in steps], _("A step of this workflow makes it. Remove the step first.")),
        (channels, _("This channel takes it. Remove it from the channel's outputs first.")),
    ]
    return found[:SHOWN] + [Obstacle(row, why) for some, why in reasons for row in some[:SHOWN]]


def _remove(extent: _Extent) -> None:
    """Delete it: what refers to something else goes first."""
    OrderStep.objects.filter(extent.about).delete()
    for rows in (
        extent.assets.defer("recipe", "receipt"),
        extent.products,
        extent.cad_files,
        extent.output_types,
    ):
        rows.delete()


def _of_other_files(cad_ids: Sequence[int]) -> OrderLineQuerySet:
    """Return what was delivered of other CAD files than these."""
    delivered = OrderLine.objects.filter(product__isnull=False, cad_file__isnull=False)
    return delivered.exclude(cad_file__in=cad_ids).order_by()


def _hand_over(extent: _Extent) -> None:
    """Give the pictures that stay, though their CAD file goes, to a product that got them as well."""
    kept = MediaAsset.objects.filter(cad_file__in=extent.cad_ids).exclude(pk__in=extent.assets.order_by())
    others = _of_other_files(extent.cad_ids).exclude(product__in=extent.product_ids)
    for line in others.filter(asset__in=kept).order_by("pk"):
        rows = MediaAsset.objects.filter(order_lines=line)
        rows.update(cad_file=line.cad_file_id, product=line.product_id)


def _keep_words(extent: _Extent) -> None:
    """Let lines and jobs say what they were about, and forget it."""
    for variant in Variant.objects.filter(product__in=extent.product_ids):
        variant.order_lines.update(variant=None, variant_slug=variant.slug)
    for model in (OrderLine, Job):
        rows: Any = model._default_manager.order_by()
        for product in extent.products:
            words = {"product_number": product.number, "product_name": product.name}
            rows.filter(product=product).update(product=None, **words)
        for output_type in extent.output_types:
            words = {"output_slug": output_type.slug, "output_name": output_type.name}
            rows.filter(output_type=output_type).update(output_type=None, **words)
        for pk, name in extent.cad_files.values_list("pk", "original_name"):
            rows.filter(cad_file=pk).update(cad_file=None, cad_name=name)
