"""Whether the media disk has room for a CAD file and for what will be made of it."""

from __future__ import annotations

from django.db.models import Sum

from media_assets import storage
from media_assets.models import CadFile, MediaAsset
from media_assets.storage import StorageBelowFloor

LAST = 50  # CAD files whose conversions say how much is made of a byte
USUAL = 8.0  # bytes made of one byte of CAD, where nothing has been converted: 7.8 of the sample
MADE_OF_IT = (MediaAsset.Kind.GLTF_GEOMETRY, MediaAsset.Kind.USD_MASTER, MediaAsset.Kind.CAD_DOCUMENT)


def check_room(size: int, floor: int) -> None:
    """Raise StorageBelowFloor where *size* bytes of CAD, with what is made of them, leave less than *floor* bytes."""
    needed = round(size * (1 + derived_share()))
    free = storage.media_space().free
    if free - needed < floor:
        raise StorageBelowFloor(needed, free, floor)


def derived_share() -> float:
    """Return how many bytes of geometry, USD and kept documents a byte of CAD becomes, by the last conversions."""
    last = list(CadFile.objects.filter(state=CadFile.State.READY).values_list("pk", "bytes")[:LAST])
    made = MediaAsset.objects.filter(cad_file__in=[pk for pk, _ in last], kind__in=MADE_OF_IT).order_by()
    total = made.aggregate(total=Sum("bytes", default=0))["total"]
    read = sum(size for _, size in last)
    return total / read if total and read else USUAL
