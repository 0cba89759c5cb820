"""What tells one product tree from another without reading it."""

from __future__ import annotations

import hashlib
import json

from django.db import migrations, models


def name_trees(apps, schema_editor):
    """Give the trees of before their keys, in the bytes that media_assets.recipes makes."""
    cad_file = apps.get_model("media_assets", "CadFile")
    for pk in list(cad_file.objects.exclude(tree={}).values_list("pk", flat=True)):
        tree = cad_file.objects.values_list("tree", flat=True).get(pk=pk)
        text = json.dumps(tree, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        cad_file.objects.filter(pk=pk).update(tree_key=hashlib.sha256(text.encode()).hexdigest())


class Migration(migrations.Migration):
    dependencies = [("media_assets", "0004_film_poster")]

    operations = [
        migrations.AddField(
            model_name="cadfile",
            name="tree_key",
            field=models.CharField(
                blank=True, editable=False, help_text="SHA-256 of the tree; empty without one", max_length=64
            ),
        ),
        migrations.RunPython(name_trees, migrations.RunPython.noop),
    ]
