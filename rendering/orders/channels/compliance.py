"""Which products are ready for a channel: what the gate measured in each file, judged by the rules of now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from media_assets.models import MediaAsset, Product
from media_assets.models.batches import batches
from rendering.catalog.channels.facts import PictureFacts
from rendering.catalog.channels.names import BadPattern, Pattern, Unnamed, spelled
from rendering.catalog.channels.rules import Demand, Judged, refusals
from rendering.models import ChannelOutput, ChannelProfile, OrderLine
from rendering.orders.channels import profiles
from rendering.orders.channels.fields import name_fields


class FileState(TextChoices):
    READY = "done", gettext_lazy("Ready")
    REFUSED = "failed", gettext_lazy("Refused")
    MISSING = "missing", gettext_lazy("Missing")


@dataclass(frozen=True)
class ChannelFile:
    """One picture of a product for a channel: what it is called there, and why it can't go there."""

    output: ChannelOutput
    state: FileState
    asset: MediaAsset | None = None
    name: str = ""
    why: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChannelProduct:
    """One product and its pictures for a channel, in the profile's order."""

    product: Product
    files: tuple[ChannelFile, ...]

    @property
    def is_ready(self) -> bool:
        """Whether all required pictures are ready, and none is refused."""
        return all(
            one.state == FileState.READY or (one.state == FileState.MISSING and not one.output.is_required)
            for one in self.files
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the product as the commands print it and the API answers."""
        return {
            "product": self.product.number,
            "ready": self.is_ready,
            "files": [
                {
                    "output_type": one.output.output_type.slug,
                    "code": one.output.code,
                    "required": one.output.is_required,
                    "state": one.state.name.lower(),
                    "name": one.name or None,
                    "asset": one.asset.pk if one.asset else None,
                    "why": list(one.why),
                }
                for one in self.files
            ],
        }


@dataclass(frozen=True)
class ReadySummary:
    """How many products are ready for a channel, and the most common reasons of the others (with how many products)."""

    profile: ChannelProfile
    ready: int
    total: int
    reasons: tuple[tuple[str, int], ...]

    @property
    def words(self) -> str:
        """The summary in a sentence: 12 of 14 ready; 2 fill 81 %."""
        ready = _("{ready} of {total} ready").format(ready=self.ready, total=self.total)
        shown = [f"{count}: {reason}" for reason, count in self.reasons[:3]]
        return "; ".join([ready, *shown])


@dataclass(frozen=True)
class Checker:
    """A profile with all that judging needs, read once for many products."""

    profile: ChannelProfile
    outputs: tuple[ChannelOutput, ...]
    demands: tuple[Demand, ...]
    pattern: Pattern | None
    wrong_pattern: str = ""

    @classmethod
    def of(cls, profile: ChannelProfile) -> Checker:
        """Return what a profile asks for now."""
        outputs = tuple(profile.outputs.select_related("output_type"))
        rules = tuple(profiles.demands(profile))
        try:
            return cls(profile, outputs, rules, Pattern.of(profile.pattern))
        except BadPattern as error:
            return cls(profile, outputs, rules, None, str(error))

    def check(self, products: Sequence[Product]) -> list[ChannelProduct]:
        """Return these products with their pictures: two queries for 500 of them. Their identifiers are prefetched."""
        assets = self._assets(products)
        return [
            ChannelProduct(
                product,
                tuple(
                    self._judge(product, output, assets.get((product.pk, output.output_type_id)))
                    for output in self.outputs
                ),
            )
            for product in products
        ]

    def _assets(self, products: Collection[Product]) -> dict[tuple[int, int], MediaAsset]:
        """Return the newest delivered picture of each product itself, not of variants or parts, in each output type."""
        types = [one.output_type_id for one in self.outputs]
        found: dict[tuple[int, int], MediaAsset] = {}
        for some in batches(sorted(product.pk for product in products)):
            done = OrderLine.objects.filter(
                product__in=some, output_type__in=types, state=OrderLine.State.DONE, asset__isnull=False
            )
            rows = OrderLine.objects.filter(pk__in=done.newest(), variant=None, part="").select_related(
                "asset"
            )
            for line in rows.defer("asset__recipe"):
                assert line.asset is not None
                found[line.key[:2]] = line.asset
        return found

    def _judge(self, product: Product, output: ChannelOutput, asset: MediaAsset | None) -> ChannelFile:
        if asset is None or asset.pruned or asset.is_archived:
            return ChannelFile(
                output, FileState.MISSING, why=(_("Not delivered yet. Order it for this channel."),)
            )
        named = {one.scheme: one.value for one in product.identifiers.all()}
        try:
            name = self._name(product, output, asset)
        except (Unnamed, BadPattern) as error:
            return ChannelFile(output, FileState.REFUSED, asset, why=(str(error),))
        why: list[str] = []
        if asset.cad_file_id != product.cad_file_id:
            why.append(_("made from an earlier CAD file"))
        facts = asset.how_made.facts
        if facts is None:
            why.append(_("not measured: “manage.py channel measure” measures files of earlier versions"))
        else:
            judged = Judged(PictureFacts.from_json(facts), name, {**named, "product": product.number})
            why += refusals(self.demands, output.code, judged)
        return ChannelFile(output, FileState.REFUSED if why else FileState.READY, asset, name, tuple(why))

    def _name(self, product: Product, output: ChannelOutput, asset: MediaAsset) -> str:
        if self.pattern is None:
            raise BadPattern(self.wrong_pattern)
        fields = name_fields(
            asset, product.number, output.output_type.slug, product, output.output_type, output.code
        )
        return f"{spelled(self.pattern.stem(fields), self.profile.letters)}.{fields['ext']}"


def products_of(profile: ChannelProfile) -> QuerySet[Product]:
    """Return the products of which something was ordered for a channel, archived ones left out."""
    lines = OrderLine.objects.filter(output_type__in=profile.outputs.values("output_type"))
    rows = Product.objects.unarchived().filter(pk__in=lines.order_by().values("product"))
    return rows.prefetch_related("identifiers").order_by("number")


def summary(profile: ChannelProfile, products: QuerySet[Product] | None = None) -> ReadySummary:
    """Return how many products are ready, of all that were ordered for the channel."""
    checker = Checker.of(profile)
    wanted = products_of(profile) if products is None else products
    ready = total = 0
    reasons: Counter[str] = Counter()
    ids = list(wanted.values_list("pk", flat=True))
    for some in batches(ids):
        rows = list(Product.objects.filter(pk__in=some).prefetch_related("identifiers"))
        for one in checker.check(rows):
            total += 1
            if one.is_ready:
                ready += 1
            else:
                reasons.update({_why_not(one): 1})
    return ReadySummary(profile, ready, total, tuple(reasons.most_common()))


def _why_not(one: ChannelProduct) -> str:
    """Return the first reason why a product is not ready."""
    first = next(
        file
        for file in one.files
        if file.state == FileState.REFUSED or (file.state == FileState.MISSING and file.output.is_required)
    )
    return f"{first.output.code} {first.why[0]}".strip()
