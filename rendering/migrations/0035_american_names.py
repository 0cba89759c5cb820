"""American English in the names of the built-in finishes, where they are still called as they were shipped."""

from django.db import migrations

NAMES = {
    "aluminium": ("Aluminium", "Aluminum"),
    "anodised_natural": ("Anodised aluminium, natural", "Anodized aluminum, natural"),
    "anodised_black": ("Anodised aluminium, black", "Anodized aluminum, black"),
    "anodised_colour": ("Anodised aluminium, CAD colour", "Anodized aluminum, CAD color"),
    "rubber_colour": ("Rubber, CAD colour", "Rubber, CAD color"),
    "plastic": ("Plastic, CAD colour", "Plastic, CAD color"),
    "plastic_matt": ("Plastic, matt", "Plastic, matte"),
    "paint": ("Paint, CAD colour", "Paint, CAD color"),
    "paint_matt": ("Paint, matt", "Paint, matte"),
}


def rename(apps, schema_editor):
    finishes = apps.get_model("rendering", "Finish").objects.using(schema_editor.connection.alias)
    for slug, (shipped, name) in NAMES.items():
        if not finishes.filter(name=name).exists():  # names are unique, and somebody may have taken this one
            finishes.filter(slug=slug, name=shipped).update(name=name)


class Migration(migrations.Migration):
    dependencies = [("rendering", "0034_letters_of_names")]

    operations = [migrations.RunPython(rename, migrations.RunPython.noop)]
