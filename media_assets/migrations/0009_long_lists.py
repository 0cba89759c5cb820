from django.db import migrations, models, transaction
from django.db.utils import DatabaseError

TRIGRAMS = {
    "product_number_trigrams": ("media_assets_product", "number"),
    "product_name_trigrams": ("media_assets_product", "name"),
    "cadfile_name_trigrams": ("media_assets_cadfile", "original_name"),
}


def index_words(apps, schema_editor):
    """Let PostgreSQL find parts of words by an index. A role that may not create the extension goes without."""
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return
    for name, (table, column) in TRIGRAMS.items():
        schema_editor.execute(
            f'CREATE INDEX "{name}" ON "{table}" USING gin (UPPER("{column}") gin_trgm_ops)'
        )


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for name in TRIGRAMS:
            schema_editor.execute(f'DROP INDEX IF EXISTS "{name}"')


class Migration(migrations.Migration):
    dependencies = [("media_assets", "0008_standing")]

    operations = [
        migrations.AddIndex("cadfile", models.Index(fields=["-created", "-id"], name="cadfile_newest")),
        migrations.AddIndex(
            "mediaasset", models.Index(fields=["kind", "-produced", "-id"], name="asset_kind")
        ),
        migrations.AddIndex("mediaasset", models.Index(fields=["recipe_key"], name="asset_recipe")),
        migrations.RunPython(index_words, drop),
    ]
