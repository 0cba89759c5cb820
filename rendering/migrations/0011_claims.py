"""Claims that do not grow: indexes for the head of each class, and pages with room for the beat of running jobs."""

from typing import Any

from django.db import migrations, models

# Every second a running job writes its lease and its progress. In a page with room that touches no index (HOT).
# The defaults look at a table when a fifth of it is dead: of a million rows that is hours of claims.
TABLES = {
    'rendering_job': 'fillfactor = 80, autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_scale_factor = 0.01, '
    'autovacuum_analyze_scale_factor = 0.02',
    'rendering_attempt': 'fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02',
    'gpu_worker': 'fillfactor = 50, autovacuum_vacuum_threshold = 100',
}
NAMES = 'fillfactor, autovacuum_vacuum_threshold, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor'


def tune(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == 'postgresql':
        for table, values in TABLES.items():
            schema_editor.execute(f'ALTER TABLE {table} SET ({values})')


def untune(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == 'postgresql':
        for table in TABLES:
            schema_editor.execute(f'ALTER TABLE {table} RESET ({NAMES})')


class Migration(migrations.Migration):

    dependencies = [
        ('media_assets', '0007_orientation'),
        ('gpu', '0005_fair_shares'),
        ('rendering', '0010_preferences'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='job',
            name='job_claim',
        ),
        migrations.RemoveIndex(
            model_name='job',
            name='job_lease',
        ),
        migrations.RemoveIndex(
            model_name='orderline',
            name='orderline_live',
        ),
        migrations.AddField(
            model_name='job',
            name='share',
            field=models.BigIntegerField(db_default=0, default=0, editable=False, help_text="Jobs of one priority take turns by it: a person's id, minus an order's id, or 0"),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('held', False), ('held_since', None), ('not_before', None), ('state', 'queued')), fields=['lane', 'queue', '-priority', 'share', 'queued', 'id'], name='job_ready'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('held', False), ('held_since', None), ('not_before', None), ('state', 'queued'), ('geometry_key__gt', '')), fields=['geometry_key', 'lane', 'queue', '-priority', 'share', 'queued', 'id'], name='job_loaded'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('held_since', None), ('not_before__isnull', False), ('state', 'queued')), fields=['not_before'], name='job_later'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('state', 'queued')), fields=['queue', 'lane', 'queued'], name='job_place'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('avoid__gt', ''), ('state', 'queued')), fields=['id'], name='job_avoids'),
        ),
        migrations.AddIndex(
            model_name='job',
            index=models.Index(condition=models.Q(('state', 'running')), fields=['id'], name='job_running'),
        ),
        migrations.AddIndex(
            model_name='orderline',
            index=models.Index(condition=models.Q(('state__in', ['pending', 'working'])), fields=['id', 'state'], name='orderline_live'),
        ),
        migrations.RunPython(tune, untune),
    ]
