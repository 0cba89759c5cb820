"""What the fields of a file's name stand for."""

from __future__ import annotations

from pathlib import PurePosixPath

from django.utils import timezone

from media_assets.models import MediaAsset, Product
from rendering.catalog.channels.names import identifier_fields
from rendering.models import OutputType


def name_fields(
    asset: MediaAsset,
    number: str,
    slug: str,
    product: Product | None = None,
    output_type: OutputType | None = None,
    code: str = "",
) -> dict[str, str]:
    """Return the values by field for the name of *asset*, as they are, not yet made safe.

    *number* and *slug* are those that the order had; *code* is that of the output in a channel.
    """
    identifiers = product.identifiers.all() if product else ()
    return {
        "product": number,
        "output": slug,
        "width": str(asset.width or (output_type.width if output_type else 0)),
        "height": str(asset.height or (output_type.height if output_type else 0)),
        "ext": PurePosixPath(str(asset.file.name)).suffix.lstrip("."),
        "date": timezone.localdate(asset.produced).isoformat(),
        "kind": asset.kind,
        "view": output_type.camera if output_type else "",
        "code": code,
        **identifier_fields({one.scheme: one.value for one in identifiers}),
    }
