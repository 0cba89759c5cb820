"""What would go: each file with the reason, its size, and what it would cost to make it again; the cheapest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import BigIntegerField, Case, Exists, F, FloatField, OuterRef, QuerySet, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from gpu.models import SystemSettings
from media_assets.models import MediaAsset
from media_assets.models.batches import batches
from media_assets.models.media_asset import USE_NOTED
from rendering.farm.pruning.needed import needed
from rendering.farm.pruning.rules import GB, UNREFERENCED, Total, totals
from rendering.orders import films
from rendering.pictures import frames

GRACE = 2 * USE_NOTED
"""What was used within this time never goes. A use is written down at most once a day, in the transaction that relies
on it, so twice that keeps whatever was found a moment ago (`MediaAssetQuerySet.use`)."""

MOST = 5_000  # files of one rule in one plan: the next one goes on
Kind = MediaAsset.Kind


@dataclass(frozen=True)
class Reason:
    """Why a file goes: "age" (not used for so many days), "budget" (so many bytes of its kind), "unreferenced"."""

    code: str
    days: int = 0  # since its last use
    limit: float = 0  # days, or bytes

    def __str__(self) -> str:
        match self.code:
            case "age":
                words = ngettext(
                    "not used for {days} day; kept for {limit}",
                    "not used for {days} days; kept for {limit}",
                    self.days,
                )
                return words.format(days=self.days, limit=f"{self.limit:.0f}")
            case "budget":
                return _("more than {limit:g} GB of its kind").format(limit=self.limit / GB)
        return _("no row refers to it")


@dataclass(frozen=True)
class Going:
    """One file, or folder of frames, that goes. *seconds*: to make it again, by its receipt; None: unknown."""

    rule: str
    name: str  # in the storage
    bytes: int
    reason: Reason
    last_used: datetime
    seconds: float | None = None
    asset: int | None = None
    kind: str = ""
    product: str = ""

    @property
    def order(self) -> tuple[float, int, str]:
        """What the cheapest come first by; of those that cost the same the largest."""
        return (float("inf") if self.seconds is None else self.seconds, -self.bytes, self.name)

    def to_json(self) -> dict[str, Any]:
        return {
            "rule": self.rule,
            "asset": self.asset,
            "kind": self.kind or None,
            "product": self.product or None,
            "name": self.name,
            "bytes": self.bytes,
            "last_used": self.last_used.isoformat(),
            "reason": self.reason.code,
            "words": str(self.reason),
            "seconds": self.seconds,
        }


@dataclass(frozen=True)
class Plan:
    """What there is under each rule, and what goes. *has_more*: a rule lets more go than one plan holds."""

    totals: Mapping[str, Total]
    going: list[Going] = field(default_factory=list)
    has_more: bool = False

    @property
    def bytes(self) -> int:
        return sum(one.bytes for one in self.going)

    @property
    def seconds(self) -> float:
        return sum(one.seconds or 0.0 for one in self.going)

    def of(self, rule: str) -> tuple[int, int]:
        """Return how many files go by a rule, and their bytes."""
        own = [one.bytes for one in self.going if one.rule == rule]
        return len(own), sum(own)


def make_plan(row: SystemSettings | None = None, most: int = MOST) -> Plan:
    """Return what the rules of the system settings let go now, at most so many files of each. Nothing is written."""
    row = row or SystemSettings.load()
    now, found, has_more = timezone.now(), totals(row), False
    going: list[Going] = []
    for total in found.values():
        if (total.days is None and total.limit is None) or not total.files:
            continue
        own = _of_assets(total, now, most) if total.rule.kinds else _of_frames(total, now)
        has_more = has_more or len(own) >= most
        going += own
    return Plan(found, sorted(going, key=lambda one: one.order), has_more)


def _of_assets(total: Total, now: datetime, most: int) -> list[Going]:
    """Return which assets of a rule go: those that are too old, then the cheapest until the rest is in the limit."""
    rows = total.rule.assets().filter(last_used__lt=now - GRACE)
    going: list[Going] = []
    if total.days is not None:
        line = now - timedelta(days=total.days)
        going += _not_needed(_cheapest(rows.filter(last_used__lt=line), total, now, most, "age"))
        rows = rows.filter(last_used__gte=line)
    excess = _excess(total, going)
    if excess > 0 and len(going) < most:
        for one in _not_needed(_cheapest(rows, total, now, most - len(going), "budget")):
            going.append(one)
            excess -= one.bytes
            if excess <= 0:
                break
    return going


def _excess(total: Total, going: Iterable[Going]) -> int:
    """Return how many bytes are above the limit of a rule once these have gone."""
    return 0 if total.limit is None else total.bytes - sum(one.bytes for one in going) - total.limit


def _cheapest(rows: QuerySet[MediaAsset], total: Total, now: datetime, most: int, why: str) -> list[Going]:
    """Return at most so many of these assets, the cheapest first: sorted by the database, which may have a million."""
    rows = rows.annotate(cost=cost(total.rule.name)).order_by(
        F("cost").asc(nulls_last=True), "-bytes", "file"
    )
    fields = rows.values_list(
        *("pk", "kind", "file", "bytes", "last_used", "cost"),
        Coalesce("product__number", F("cad_file__original_name")),
    )
    return [
        Going(
            rule=total.rule.name,
            name=name,
            bytes=size,
            reason=_reason(why, total, (now - last_used).days),
            last_used=last_used,
            seconds=None if seconds is None else round(seconds, 3),
            asset=pk,
            kind=kind,
            product=product,
        )
        for pk, kind, name, size, last_used, seconds, product in fields[:most]
    ]


def _reason(why: str, total: Total, days: int) -> Reason:
    return Reason(why, days, (total.days if why == "age" else total.limit) or 0)


def cost(rule: str) -> Combinable:
    """Return the seconds that an asset under a rule would take to make again, by what it took; NULL if nothing says.

    A picture whose render master is kept is only encoded again; a document is read again, as its file's report says.
    """
    spent = partial(_seconds, "receipt")
    rendering = Coalesce(spent("render"), spent("total"), spent("sample"))
    match rule:
        case "geometry" | "usd":
            return spent("convert")
        case "document":
            read = partial(_seconds, "cad_file__report")
            return _sum(read("read"), read("transfer"))
        case "master":
            return rendering
    encoding = _sum(spent("encode"), spent("gate"))
    master = Cast(KeyTextTransform("master", OuterRef("receipt")), BigIntegerField())
    is_kept = Exists(MediaAsset.objects.kept().filter(pk=master, kind=Kind.RENDER_MASTER))
    return Case(When(is_kept, then=encoding), default=_sum(encoding, rendering))


def _seconds(place: str, name: str) -> Cast:
    return Cast(KeyTextTransform(name, KeyTransform("seconds", place)), FloatField())


def _sum(one: Combinable, other: Combinable) -> Coalesce:
    """Return the sum of what is there of two."""
    return Coalesce(one + other, one, other)


def _not_needed(going: list[Going]) -> Iterator[Going]:
    """Yield those of *going*, which are assets, that nothing needs, in their order; looked up as far as it is read."""
    for some in batches(going):
        rows = MediaAsset.objects.filter(pk__in=[one.asset for one in some])
        stays = needed(list(rows.only("pk", "kind", "recipe_key", "cad_file")))
        yield from (one for one in some if one.asset not in stays)


def _of_frames(total: Total, now: datetime) -> list[Going]:
    """Return the films that nobody renders any more whose frames go; their age is that of the last frame."""
    live = films.keys_in_work()
    kept = [
        Going(
            rule=total.rule.name,
            name=film.folder.name,
            bytes=film.bytes,
            reason=Reason("age", (now - film.written).days, total.days or 0),
            last_used=film.written,
            seconds=film.seconds,
        )
        for film in frames.unfinished()
        if film.key not in live
    ]
    kept.sort(key=lambda one: one.order)
    line = None if total.days is None else now - timedelta(days=total.days)
    going = [one for one in kept if line is not None and one.last_used < line]
    excess = _excess(total, going)
    for one in kept:
        if excess <= 0:
            break
        if one not in going and one.last_used < now - GRACE:
            going.append(_for_budget(one, total))
            excess -= one.bytes
    return going


def _for_budget(one: Going, total: Total) -> Going:
    return Going(**{**vars(one), "reason": _reason("budget", total, one.reason.days)})


def unreferenced(name: str, size: int, written: datetime) -> Going:
    """Return a stored file that no row refers to, as one that goes."""
    return Going(UNREFERENCED, name, size, Reason(UNREFERENCED), written, 0.0)
