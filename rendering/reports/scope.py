"""The scope of a report: a period, optionally one product or output type. Every report starts from its querysets."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from media_assets.ingest.belonging import within
from media_assets.models import MediaAsset, Product
from rendering.models import Attempt, Job, OrderLine, OutputType

DEFAULT_DAYS = 30
MOST_DAYS = 1100
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)
TOP = 20


class ScopeError(ValueError):
    """The period can't be reported on; the message says what to write instead."""


@dataclass(frozen=True)
class Scope:
    """Days from *since* to *until*, both included, in the time zone of the installation. *top*: rows of a ranking.

    *customer*, *collection*, *tag*: by name; only products that belong there.
    """

    since: date
    until: date
    product: Product | None = None
    output_type: OutputType | None = None
    top: int = TOP
    customer: str = ""
    collection: str = ""
    tag: str = ""

    def __post_init__(self) -> None:
        if not (EARLIEST <= self.since <= LATEST and EARLIEST <= self.until <= LATEST):
            raise ScopeError(
                _("Choose days between {earliest} and {latest}.").format(earliest=EARLIEST, latest=LATEST)
            )
        if self.since > self.until:
            raise ScopeError(
                _("The period ends ({until}) before it begins ({since}). Swap the days.").format(
                    until=self.until, since=self.since
                )
            )
        if (self.until - self.since).days >= MOST_DAYS:
            raise ScopeError(_("Choose at most {days} days at a time.").format(days=MOST_DAYS))
        if self.top < 1:
            raise ScopeError(_("Choose at least one row."))

    @classmethod
    def of(
        cls,
        since: date | None = None,
        until: date | None = None,
        product: Product | None = None,
        output_type: OutputType | None = None,
        top: int = TOP,
        **belongs: str,
    ) -> Scope:
        """Return the scope; without days it is the last 30, today included. Raises ScopeError."""
        last = until or max(timezone.localdate(), since or EARLIEST)
        first = since or max(last - timedelta(days=DEFAULT_DAYS - 1), EARLIEST)
        return cls(first, last, product, output_type, top, **belongs)

    @property
    def begin(self) -> datetime:
        """The first instant of the period."""
        return timezone.make_aware(datetime.combine(self.since, time.min))

    @property
    def end(self) -> datetime:
        """The first instant after the period."""
        return timezone.make_aware(datetime.combine(self.until + timedelta(days=1), time.min))

    def about(self, prefix: str = "") -> Q:
        """Return the condition on product and output type; *prefix* leads to a row that has both ("job__")."""
        wanted = self._within(f"{prefix}product__")
        if self.product:
            wanted &= Q(**{f"{prefix}product": self.product})
        if self.output_type:
            wanted &= Q(**{f"{prefix}output_type": self.output_type})
        return wanted

    def _within(self, prefix: str) -> Q:
        return within(prefix, customer=self.customer, collection=self.collection, tag=self.tag)

    def jobs(self) -> QuerySet[Job]:
        """Jobs that ended in the period, however they ended; no order. Test renders from a form do not count."""
        ended = Job.objects.filter(self.about(), finished__gte=self.begin, finished__lt=self.end)
        return ended.exclude(spec__has_key="trial").order_by()

    def renders(self) -> QuerySet[Job]:
        """Renders of the period that succeeded and in which Cycles sampled; seconds["sample"] is there."""
        return self.jobs().filter(kind=Job.Kind.RENDER, state=Job.State.SUCCEEDED, seconds__has_key="sample")

    def files(self) -> QuerySet[Job]:
        """Jobs of the period that delivered a picture or a film: spec["recipe"] says kind, size and format."""
        return self.jobs().filter(kind=Job.Kind.ENCODE, state=Job.State.SUCCEEDED)

    def attempts(self) -> QuerySet[Attempt]:
        """Attempts, going on or ended, of which some part lies in the period; those of test renders too."""
        met = Attempt.objects.filter(self.about("job__"), started__lt=self.end)
        return met.filter(Q(finished=None) | Q(finished__gte=self.begin)).order_by()

    def lines(self) -> QuerySet[OrderLine]:
        """Order lines that were done in the period."""
        done = OrderLine.objects.filter(self.about(), state=OrderLine.State.DONE)
        return done.filter(finished__gte=self.begin, finished__lt=self.end).order_by()

    def pictures(self) -> QuerySet[MediaAsset]:
        """Pictures and films whose present bytes were made in the period."""
        made = MediaAsset.objects.filter(kind__in=MediaAsset.PICTURES)
        made = made.filter(produced__gte=self.begin, produced__lt=self.end)
        made = made.filter(self._within("product__"))
        if self.product:
            made = made.filter(product=self.product)
        if self.output_type:
            made = made.filter(Exists(Job.objects.filter(asset=OuterRef("pk"), output_type=self.output_type)))
        return made.order_by()
