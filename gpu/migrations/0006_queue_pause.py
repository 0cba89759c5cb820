"""Queues can be paused."""

from __future__ import annotations

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("gpu", "0005_out_of_service"),
    ]

    operations = [
        migrations.CreateModel(
            name="QueuePause",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("queue", models.CharField(max_length=60, unique=True)),
                ("by", models.CharField(help_text="Who paused it, in words", max_length=200)),
                ("since", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={
                "ordering": ["queue"],
                "permissions": [("pause_queue", "Can pause and resume queues")],
                "default_permissions": (),
            },
        ),
    ]
