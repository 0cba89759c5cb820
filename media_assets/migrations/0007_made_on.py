"""What device made a file, as a column: lists filter by it, and a receipt in JSON has no index."""

from __future__ import annotations

from typing import Any

from django.db import migrations, models
from django.db.models import Case, Value, When
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Left


def fill(apps: Any, schema_editor: Any) -> None:
    """Read the device from each receipt, as MediaAsset.device_of does."""
    assets = apps.get_model("media_assets", "MediaAsset").objects
    name = Coalesce(KT("receipt__device_name"), KT("receipt__device_used"), Value(""))
    assets.filter(receipt__has_key="device_used").update(
        made_on=Case(
            When(receipt__gpu_fallback=True, then=Value("CPU instead of GPU")),
            When(receipt__device_used="CPU", then=Value("CPU")),
            When(receipt__device_used="", then=Value("")),
            default=Left(name, 200),
            output_field=models.CharField(),
        )
    )
    assets.filter(made_on="", receipt__device_used="GPU").update(made_on=Value("GPU"))


class Migration(migrations.Migration):
    dependencies = [("media_assets", "0006_product_pause")]

    operations = [
        migrations.AddField(
            model_name="mediaasset",
            name="made_on",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The receipt's device: a GPU's name, CPU, or CPU instead of GPU",
                max_length=200,
            ),
        ),
        migrations.AddIndex(
            model_name="mediaasset",
            index=models.Index(fields=["made_on", "-produced", "-id"], name="asset_made_on"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=True),
    ]
