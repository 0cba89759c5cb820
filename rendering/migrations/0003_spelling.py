"""Fields are named and spelled as Django and CSS do. What the rows hold, and the recipes made of it, stays as it is."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("rendering", "0002_defaults")]
    operations = [
        migrations.RenameField("outputtype", "background_colour", "background_color"),
        migrations.RenameField("outputtype", "gradient_colour", "gradient_color"),
        migrations.RenameField("finish", "colour", "color"),
        migrations.RenameField("materialrule", "colours", "colors"),
        migrations.RenameField("environment", "licence", "license"),
        migrations.RenameField("order", "tells", "wants_email"),
    ]
