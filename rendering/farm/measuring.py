"""Measures delivered files that no gate has measured, those of earlier versions: in the contained encoder."""

from __future__ import annotations

from media_assets import storage
from media_assets.models import MediaAsset
from rendering.farm import encoding
from rendering.farm.workspace import work_root
from rendering.models import ChannelProfile
from rendering.orders.channels import compliance
from rendering.pictures.encoder import Encoder
from rendering.pictures.formats import is_linear


def measure(profile: ChannelProfile) -> int:
    """Measure the files of a channel that were never measured, as far as their masters are there; return how many."""
    checker, count = compliance.Checker.of(profile), 0
    found = checker.check(list(compliance.products_of(profile)))
    assets = {one.asset.pk: one.asset for row in found for one in row.files if one.asset}
    wanted = [
        one for one in assets.values() if one.how_made.facts is None and not is_linear(one.recipe["format"])
    ]
    encoder = Encoder(storage.local_folder(), work_root().resolve()) if wanted else None
    for asset in wanted:
        assert encoder is not None
        count += _measured(encoder, asset)
    if encoder:
        encoder.kill()
    return count


def _measured(encoder: Encoder, asset: MediaAsset) -> bool:
    master = MediaAsset.objects.filter(pk=asset.how_made.master or 0).first()
    if master is None or not storage.exists(master.file) or not storage.exists(asset.file):
        return False
    with storage.local_copy(master.file) as source, storage.local_copy(asset.file) as target:
        facts = encoder.measure(
            source, target, asset.recipe, limits=encoding.limits(), tick=lambda _stage: None
        )
    MediaAsset.objects.filter(pk=asset.pk).update(receipt={**asset.receipt, "facts": facts})
    return True
