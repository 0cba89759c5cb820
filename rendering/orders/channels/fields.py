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

    *number* and *slug* are those that the order had; *code* is that of the output in a channel. What the file
    does not have, as a book has no width, height and view, is "".
    """

    def ordered(field: str) -> str:
        has_it = output_type and output_type.kind_row.has(field)
        return str(getattr(output_type, field)) if has_it else ""

    identifiers = product.identifiers.all() if product else ()
    return {
        "product": number,
        "output": slug,
        "width": str(asset.width or ordered("width")),
        "height": str(asset.height or ordered("height")),
        "ext": PurePosixPath(str(asset.file.name)).suffix.lstrip("."),
        "date": timezone.localdate(asset.produced).isoformat(),
        "kind": asset.kind,
        "view": ordered("camera"),
        "code": code,
        **identifier_fields({one.scheme: one.value for one in identifiers}),
    }
