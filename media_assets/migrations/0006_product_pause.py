"""Products can be paused, and know how many CAD files they have had."""

from __future__ import annotations

from django.db import migrations, models
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce, Greatest


def count_revisions(apps, schema_editor):
    """Say of the products of before how many CAD files they have had, as far as files were made of them."""
    product = apps.get_model("media_assets", "Product")
    assets = apps.get_model("media_assets", "MediaAsset").objects.filter(product=OuterRef("pk")).order_by()
    seen = Subquery(assets.values("product").annotate(n=Count("cad_file", distinct=True)).values("n"))
    product.objects.exclude(cad_file=None).update(revisions=Greatest(Coalesce(seen, 1), 1))


class Migration(migrations.Migration):
    dependencies = [
        ("media_assets", "0005_tree_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="paused_by",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                editable=False,
                help_text="Who, in words",
                max_length=200,
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="paused_since",
            field=models.DateTimeField(
                blank=True,
                editable=False,
                help_text="Nothing is started for it",
                null=True,
                verbose_name="paused since",
            ),
        ),
        migrations.AddField(
            model_name="product",
            name="revisions",
            field=models.PositiveIntegerField(
                db_default=0,
                default=0,
                editable=False,
                help_text="How many CAD files it has had; 1: its first",
            ),
        ),
        migrations.AddIndex(
            model_name="product",
            index=models.Index(
                condition=models.Q(("paused_since__isnull", False)), fields=["id"], name="product_paused"
            ),
        ),
        migrations.RunPython(count_revisions, migrations.RunPython.noop),
    ]
