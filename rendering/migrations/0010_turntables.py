"""Turntables can be ordered: three files of one film. Rows that exist keep what an operator has set."""

from __future__ import annotations

import django.core.validators
from django.db import migrations, models

FILM = {"kind": "turntable", "frames": 72, "fps": 24, "width": 720, "height": 720}
OUTPUT_TYPES = (
    {**FILM, "slug": "turntable-mp4", "name": "Turntable 720 px, MP4", "format": "mp4"},
    {
        **FILM,
        "slug": "turntable-webm",
        "name": "Turntable 720 px, WebM, transparent",
        "format": "webm",
        "background": "transparent",
        "quality": 80,
    },
    {
        **FILM,
        "slug": "turntable-webp",
        "name": "Turntable 360 px, animated WebP, transparent",
        "format": "awebp",
        "background": "transparent",
        "width": 360,
        "height": 360,
        "quality": 75,
    },
)


def make(apps, schema_editor):
    output_type = apps.get_model("rendering", "OutputType")
    # It was switched off because it could not be made yet.
    output_type.objects.filter(slug="turntable-mp4").update(is_active=True)
    for fields in OUTPUT_TYPES:
        output_type.objects.get_or_create(slug=fields["slug"], defaults=fields)


class Migration(migrations.Migration):
    dependencies = [("rendering", "0009_default_materials")]
    operations = [
        migrations.AlterField(
            model_name="attempt",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("running", "Running"),
                    ("succeeded", "Succeeded"),
                    ("failed", "Failed"),
                    ("canceled", "Canceled"),
                    ("lost", "Lost: the worker died or its lease ran out"),
                    ("released", "Handed back to the queue"),
                ],
                default="running",
                max_length=9,
            ),
        ),
        migrations.AlterField(
            model_name="outputtype",
            name="quality",
            field=models.PositiveSmallIntegerField(
                default=90,
                help_text="JPEG, WebP, AVIF and films",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
            ),
        ),
        migrations.RunPython(make, migrations.RunPython.noop),
    ]
