"""What must stay, whatever a rule says: what a current deliverable, an open share link or a live job needs."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q
from django.utils import timezone

from media_assets.models import MediaAsset
from rendering.catalog import freshness
from rendering.catalog.freshness import IN_USE
from rendering.models import Job, OrderLine, ShareLink

Kind = MediaAsset.Kind
OF_CAD_FILE = frozenset({Kind.GLTF_GEOMETRY, Kind.USD_MASTER, Kind.CAD_DOCUMENT, Kind.DERIVED_GEOMETRY})


def needed(assets: Sequence[MediaAsset]) -> set[int]:
    """Return which of these assets (500 at most) must stay, by their ids: the same few queries for one as for all."""
    ids = [asset.pk for asset in assets]
    live_jobs, live_lines, busy = _live({asset.cad_file_id for asset in assets})
    pictures = [asset.pk for asset in assets if asset.kind in MediaAsset.PICTURES]
    current = {pk for pk, state in freshness.of_assets(pictures).items() if state in IN_USE}
    return (
        {asset.pk for asset in assets if asset.kind in OF_CAD_FILE and asset.cad_file_id in busy}
        | {asset.pk for asset in assets if asset.recipe_key in live_lines}
        | (live_jobs & set(ids))
        | _shared(ids)
        | current
    )


def _live(cad_files: set[int]) -> tuple[set[int], set[str], set[int]]:
    """Return what is being worked on of these CAD files.

    That is the assets that live jobs work from, the recipe keys of what live jobs and lines will make, and the CAD
    files that have any: they may need their geometry in the next step.
    """
    assets: set[int] = set()
    jobs = Job.objects.live().filter(cad_file__in=cad_files).order_by()
    keys: set[str] = set()
    busy: set[int] = set()
    for cad_file, key, *worked_from in jobs.values_list(
        "cad_file", "recipe_key", "spec__master", "spec__passes", "spec__geometry"
    ):
        assets |= {pk for pk in worked_from if isinstance(pk, int)}
        keys.add(key)
        busy.add(cad_file)
    lines = OrderLine.objects.live().filter(cad_file__in=cad_files).order_by()
    for cad_file, key in lines.values_list("cad_file", "recipe_key"):
        keys.add(key)
        busy.add(cad_file)
    return assets, keys, busy


def _shared(ids: Sequence[int]) -> set[int]:
    """Return which of these assets an open link shows, by itself or among those of an order."""
    now = timezone.now()
    links = ShareLink.objects.filter(revoked=None, expires__gt=now)
    if not links.exists():
        return set()
    is_open = Q(order__share_links__revoked=None, order__share_links__expires__gt=now)
    lines = OrderLine.objects.filter(is_open, asset__in=ids).order_by()
    return {
        *links.filter(asset__in=ids).order_by().values_list("asset", flat=True),
        *lines.values_list("asset", flat=True),
    }
