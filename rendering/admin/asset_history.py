"""What an asset replaced: the picture before it of the same product in the same output type, and what changed."""

from __future__ import annotations

from dataclasses import dataclass

from media_assets.html import SHOWN_TYPES
from media_assets.links import asset_url
from media_assets.models import MediaAsset
from rendering import reasons
from rendering.models import OrderLine


@dataclass(frozen=True)
class Before:
    """The asset that was delivered before this one, and in words what differs between their recipes."""

    now: MediaAsset
    asset: MediaAsset
    changes: list[str]

    @property
    def is_comparable(self) -> bool:
        """Whether a browser can lay one over the other."""
        return all(one.mime_type in SHOWN_TYPES and not one.duration for one in (self.now, self.asset))

    @property
    def url(self) -> str:
        return asset_url(self.asset)

    @property
    def now_url(self) -> str:
        return asset_url(self.now)


def before(asset: MediaAsset) -> Before | None:
    """Return what *asset* replaced; None where it is the first of its product and output type."""
    delivered = OrderLine.objects.filter(state=OrderLine.State.DONE, asset__isnull=False)
    first = delivered.filter(asset=asset).order_by("pk").first()
    if first is None:
        return None
    earlier = delivered.filter(product=first.product_id, output_type=first.output_type_id, pk__lt=first.pk)
    line = earlier.exclude(asset=asset).select_related("asset").order_by("-pk").first()
    if line is None or line.asset is None:
        return None
    is_same_cad = line.asset.cad_file_id == asset.cad_file_id
    return Before(
        asset, line.asset, reasons.changes(line.asset.recipe, asset.recipe, is_same_cad=is_same_cad)
    )
