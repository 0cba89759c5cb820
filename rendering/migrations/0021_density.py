"""Densities of finishes, for masses in parts lists."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models

KNOWN = {
    7850: (
        *("polished_steel", "ground_steel", "machined_steel", "sheet_steel", "black_oxide"),
        *("zinc_blue", "zinc_yellow"),
    ),
    7900: ("stainless_brushed",),
    7200: ("cast_iron",),
    2700: ("aluminium", "anodised_natural", "anodised_black", "anodised_colour"),
    8500: ("brass",),
    8800: ("bronze",),
    8960: ("copper",),
    1200: ("rubber", "rubber_colour"),
    1050: ("plastic", "plastic_glossy", "plastic_matt"),
    1410: ("pom_white",),
    1850: ("pcb",),
    2500: ("glass",),
    1190: ("acrylic",),
}
"""Of the built-in finishes, kg/m3, as material tables have them. Paint says nothing of what is below it."""


def set_densities(apps, schema_editor):
    finishes = apps.get_model("rendering", "Finish").objects
    for density, slugs in KNOWN.items():
        finishes.filter(slug__in=slugs, density=None).update(density=density)


class Migration(migrations.Migration):
    dependencies = [("rendering", "0020_section")]

    operations = [
        migrations.AddField(
            model_name="finish",
            name="density",
            field=models.FloatField(
                blank=True,
                help_text="Of the material below this surface, for masses in parts lists. Empty: not known.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(25000),
                ],
                verbose_name="density (kg/m³)",
            ),
        ),
        migrations.RunPython(set_densities, migrations.RunPython.noop),
    ]
