"""The last result of each host is found by an index."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("gpu", "0001_squashed")]

    operations = [
        migrations.AddIndex(
            model_name="gpuprobe",
            index=models.Index(fields=["state", "host", "-finished"], name="gpuprobe_last"),
        ),
    ]
