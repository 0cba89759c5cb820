"""How each file stands among those that were delivered, so that lists of a million can be narrowed down by it."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("media_assets", "0007_made_on")]

    operations = [
        migrations.AddField(
            model_name="mediaasset",
            name="standing",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="Among delivered files: current, earlier, replaced. Written by whoever delivers them.",
                max_length=8,
            ),
        ),
        migrations.AddIndex(
            model_name="mediaasset",
            index=models.Index(fields=["standing", "-produced", "-id"], name="asset_standing"),
        ),
        migrations.AddIndex(
            model_name="mediaasset",
            index=models.Index(fields=["mime_type", "-produced", "-id"], name="asset_format"),
        ),
    ]
