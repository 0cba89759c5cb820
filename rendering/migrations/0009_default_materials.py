"""The finishes and rules of a fresh installation. Finishes that exist are left alone; rules come only where none are."""

from __future__ import annotations

from django.db import migrations

from blender_scripts.finish_library import NAMED, RULES

STEP = 10  # between two positions, so that a rule fits in between


def make(apps, schema_editor):
    """Write the library of this version, as far as this table has its fields."""
    finish, rule = apps.get_model("rendering", "Finish"), apps.get_model("rendering", "MaterialRule")
    columns = {field.name for field in finish._meta.get_fields()}
    for name, form in NAMED:
        values = {key: value for key, value in form.to_json().items() if key in columns}
        finish.objects.get_or_create(slug=form.slug, defaults={**values, "name": name})
    if rule.objects.exists():
        return
    ids = dict(finish.objects.values_list("slug", "id"))
    rule.objects.bulk_create(
        rule(
            position=STEP * number,
            words=form.words,
            part_key=form.key,
            colours=form.colors,
            cad_material=form.material,
            finish_id=ids[form.finish.slug],
        )
        for number, form in enumerate(RULES, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("rendering", "0008_materials")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
