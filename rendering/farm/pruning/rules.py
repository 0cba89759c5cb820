"""The files that may be thrown away, by the rule that they fall under; how much of each there is, and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext_lazy

from gpu.models import SystemSettings
from media_assets.models import MediaAsset
from rendering.catalog.freshness import IN_USE
from rendering.pictures import frames

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

Kind = MediaAsset.Kind
GB = 1_000_000_000  # bytes
SUPERSEDED, FRAMES, UNREFERENCED = "superseded", "frames", "unreferenced"


@dataclass(frozen=True)
class KeepingRule:
    """One rule: its name in JSON and in the system settings (NAME_days, NAME_gb), its label, the kinds of assets."""

    name: str
    label: StrPromise
    kinds: tuple[str, ...] = ()

    def days(self, row: SystemSettings) -> int | None:
        """Return for how many days after its last use a file is kept; None: forever."""
        found: int | None = getattr(row, f"{self.name}_days")
        return found

    def limit(self, row: SystemSettings) -> int | None:
        """Return how many bytes there may be of it; None: any number."""
        gb = getattr(row, f"{self.name}_gb")
        return None if gb is None else round(gb * GB)

    def assets(self) -> QuerySet[MediaAsset]:
        """Return the assets under this rule whose files are kept, needed ones included."""
        rows = MediaAsset.objects.kept().filter(kind__in=self.kinds).order_by()
        return rows.exclude(delivery_state__in=IN_USE) if self.name == SUPERSEDED else rows


RULES: Mapping[str, KeepingRule] = {
    rule.name: rule
    for rule in (
        KeepingRule(SUPERSEDED, gettext_lazy("Superseded pictures"), tuple(MediaAsset.PICTURES)),
        KeepingRule("master", gettext_lazy("Render masters"), (Kind.RENDER_MASTER,)),
        KeepingRule("geometry", gettext_lazy("Geometry"), (Kind.GLTF_GEOMETRY, Kind.DERIVED_GEOMETRY)),
        KeepingRule("usd", gettext_lazy("USD masters"), (Kind.USD_MASTER,)),
        KeepingRule("document", gettext_lazy("CAD documents"), (Kind.CAD_DOCUMENT,)),
        KeepingRule(FRAMES, gettext_lazy("Frames of unfinished turntables")),
    )
}


@dataclass(frozen=True)
class Total:
    """How much there is under a rule, and how much there may be."""

    rule: KeepingRule
    files: int
    bytes: int
    days: int | None
    limit: int | None

    def to_json(self) -> dict[str, int | None]:
        return {"files": self.files, "bytes": self.bytes, "days": self.days, "limit_bytes": self.limit}


def totals(row: SystemSettings) -> dict[str, Total]:
    """Return how much there is under each rule."""
    found = {}
    for name, rule in RULES.items():
        if rule.kinds:
            counted = rule.assets().aggregate(files=Count("pk"), bytes=Sum("bytes", default=0))
        else:
            films = frames.unfinished()
            counted = {"files": len(films), "bytes": sum(film.bytes for film in films)}
        found[name] = Total(rule, **counted, days=rule.days(row), limit=rule.limit(row))
    return found
