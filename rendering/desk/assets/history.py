"""Why an asset was made, what it replaced, and its status today, from the lines and jobs of orders."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets.formats.files import shown_types
from media_assets.models import MediaAsset
from media_assets.serving.links import asset_url
from rendering.catalog import freshness, reasons
from rendering.catalog.books import is_book
from rendering.catalog.freshness import Freshness
from rendering.models import Job, Order, OrderLine
from rendering.orders.deliverables import outdated

TRIGGERS = {
    Order.Trigger.OPERATOR: gettext_lazy("in the admin"),
    Order.Trigger.COMMAND: gettext_lazy("by a command"),
    Order.Trigger.UPLOAD: gettext_lazy("by the upload of a CAD file"),
    Order.Trigger.RERENDER: gettext_lazy("as a re-render"),
}


@dataclass(frozen=True)
class Before:
    """The asset that was delivered before this one, and in words what differs between their recipes."""

    now: MediaAsset
    asset: MediaAsset
    changes: list[str]

    @property
    def is_comparable(self) -> bool:
        """Whether a browser can lay one over the other."""
        both = (self.now, self.asset)
        return all(one.mime_type in shown_types() and not (one.duration or one.pruned) for one in both)

    @property
    def url(self) -> str:
        return asset_url(self.asset)

    @property
    def now_url(self) -> str:
        return asset_url(self.now)


@dataclass(frozen=True)
class Story:
    """Why a picture was made: a sentence, what had changed, and the order that requested it; its status today."""

    why: str
    changes: list[str] = field(default_factory=list)
    line: OrderLine | None = None
    freshness: Freshness | None = None
    today: list[str] = field(default_factory=list)  # what would be different if it were made today
    after: MediaAsset | None = None  # what replaced it
    later: int = 0  # orders that got it without any work

    @property
    def is_of_a_render(self) -> bool:
        """Whether the file was made of a picture that had been rendered before; a book is bound from other files."""
        line = self.line
        if line is None or line.source != OrderLine.Source.DERIVED:
            return False
        return not (line.output_type and is_book(line.output_type))

    @property
    def asked(self) -> str:
        """Who asked for it and how, in words."""
        if self.line is None:
            return ""
        order = self.line.order
        how = str(TRIGGERS.get(Order.Trigger(order.trigger), ""))
        if not order.ordered_by:
            return how
        return (_("by %(user)s %(how)s") % {"user": order.ordered_by, "how": how}).strip()


def before(asset: MediaAsset) -> Before | None:
    """Return what *asset* replaced; None where it is the first of its product and output type."""
    delivered = OrderLine.objects.filter(state=OrderLine.State.DONE, asset__isnull=False)
    first = delivered.filter(asset=asset).order_by("pk").first()
    if first is None:
        return None
    earlier = _same(first).filter(pk__lt=first.pk)
    line = earlier.exclude(asset=asset).select_related("asset").order_by("-pk").first()
    if line is None or line.asset is None:
        return None
    is_same_cad = line.asset.cad_file_id == asset.cad_file_id
    return Before(
        asset, line.asset, reasons.changes(line.asset.recipe, asset.recipe, is_same_cad=is_same_cad)
    )


def story(asset: MediaAsset) -> Story:
    """Return why a picture was made, by the job that made its current bytes, and its status today."""
    delivered = asset.order_lines.filter(state=OrderLine.State.DONE).select_related(
        "order__ordered_by", "product__cad_file", "output_type", "variant"
    )
    job = asset.jobs.defer("log", "spec").order_by("-pk").first()
    line = (delivered.filter(jobs=job).order_by("pk").first() if job else None) or delivered.order_by(
        "pk"
    ).first()
    if line is None:
        return Story(_unordered(job))
    state = freshness.of_assets([asset.pk]).get(asset.pk)
    changes = job.changes if job else []
    return Story(
        _reason(job, line, changes),
        changes,
        line,
        state,
        outdated([asset.pk]).get(asset.pk, []) if state == Freshness.CURRENT else [],
        _after(asset, line) if state == Freshness.REPLACED else None,
        delivered.filter(source=OrderLine.Source.CACHED).exclude(pk=line.pk).count(),
    )


def _unordered(job: Job | None) -> str:
    if job is None:
        return _("The order that it was made for is not known.")
    return _("It is a test render of an output type: no order requested it.")


def _reason(job: Job | None, line: OrderLine, changes: list[str]) -> str:
    """Say in a sentence why the file of *line* was made."""
    what = {"product": line.named, "output_type": line.output_words}
    if changes:
        words = _(
            "It was made because this had changed since the last file of %(product)s in %(output_type)s:"
        )
        return words % what
    why = str((job.reuse.get("picture") or {}).get("why") or "") if job else ""
    match why:
        case reasons.FIRST:
            return _("It was the first file of %(product)s in %(output_type)s.") % what
        case reasons.FORCED:
            return _("Nothing that it is made from had changed: a re-render was ordered.")
        case reasons.LOST:
            return _("Its file was missing from the storage, so it was made again.")
    return _("It was made for %(product)s in %(output_type)s.") % what


def _after(asset: MediaAsset, line: OrderLine) -> MediaAsset | None:
    """Return what is delivered in the place of *asset* now."""
    last = _same(line).exclude(asset=asset).select_related("asset").order_by("-pk").first()
    return last.asset if last else None


def _same(line: OrderLine) -> QuerySet[OrderLine]:
    """Return what was delivered of the same product, variant, part and output type."""
    return OrderLine.objects.filter(
        product=line.product_id,
        output_type=line.output_type_id,
        variant=line.variant_id,
        variant_slug=line.variant_slug,
        part=line.part,
        state=OrderLine.State.DONE,
        asset__isnull=False,
    )
