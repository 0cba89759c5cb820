"""Fields are named for what they hold; what the rows hold stays as it is."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media_assets", "0001_squashed")]
    operations = [
        migrations.RemoveIndex("mediaasset", "asset_standing"),
        migrations.RenameField("mediaasset", "standing", "delivery_state"),
        migrations.AddIndex(
            "mediaasset", models.Index(fields=["delivery_state", "-produced", "-id"], name="asset_delivery_state")
        ),
    ]
