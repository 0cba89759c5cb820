"""Say of the files that were delivered before how they stand, as rendering.catalog.freshness does for new ones."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import Exists, F, OuterRef


def fill(apps: Any, schema_editor: Any) -> None:
    lines = apps.get_model("rendering", "OrderLine").objects.order_by()
    assets = apps.get_model("media_assets", "MediaAsset").objects
    delivered = lines.filter(state="done", asset__isnull=False)
    later = delivered.filter(
        product=OuterRef("product"), output_type=OuterRef("output_type"), pk__gt=OuterRef("pk")
    )
    newest = delivered.filter(~Exists(later.exclude(asset=OuterRef("asset"))))
    current = newest.filter(product__cad_file=F("cad_file"))
    for standing, found in (("replaced", delivered), ("earlier", newest), ("current", current)):
        assets.filter(pk__in=found.values("asset")).update(standing=standing)


class Migration(migrations.Migration):
    dependencies = [
        ("media_assets", "0008_standing"),
        ("rendering", "0019_workflow_versions"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
