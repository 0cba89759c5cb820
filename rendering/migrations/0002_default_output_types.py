"""What a fresh installation can order. Rows that exist are left alone, so it can be run again."""

from __future__ import annotations

from django.db import migrations

OUTPUT_TYPES = (
    {
        "slug": "draft",
        "name": "Draft 128 px",
        "kind": "still",
        "format": "png",
        "width": 128,
        "height": 128,
        "samples": 8,
        "noise_threshold": 0.1,
    },
    {
        "slug": "thumbnail",
        "name": "Thumbnail 256 px",
        "kind": "thumbnail",
        "format": "webp",
        "width": 256,
        "height": 256,
        "samples": 64,
        "noise_threshold": 0.05,
    },
    {"slug": "still-1024", "name": "Still 1024 px", "format": "png", "width": 1024, "height": 1024},
    {"slug": "still-1024-webp", "name": "Still 1024 px, WebP", "format": "webp", "width": 1024, "height": 1024},
    {"slug": "still-2048", "name": "Still 2048 px", "format": "png", "width": 2048, "height": 2048},
    {
        "slug": "turntable-mp4",
        "name": "Turntable 720 px, MP4",
        "kind": "turntable",
        "format": "mp4",
        "width": 720,
        "height": 720,
        "frames": 72,
        "fps": 24,
        "is_active": False,
    },
)


def make(apps, schema_editor):
    output_type = apps.get_model("rendering", "OutputType")
    for fields in OUTPUT_TYPES:
        output_type.objects.get_or_create(slug=fields["slug"], defaults=fields)
    workflow, _ = apps.get_model("rendering", "Workflow").objects.get_or_create(
        slug="on-upload", defaults={"name": "On upload", "runs_on_upload": True, "priority": 60}
    )
    apps.get_model("rendering", "WorkflowStep").objects.get_or_create(
        workflow=workflow, output_type=output_type.objects.get(slug="thumbnail")
    )


class Migration(migrations.Migration):
    dependencies = [("rendering", "0001_initial")]
    operations = [migrations.RunPython(make, migrations.RunPython.noop)]
