"""Rows of waiting jobs by the statement, as many as are wanted: bulk_create takes minutes for a million."""

from __future__ import annotations

from django.db import connection

# Two lanes, 20 priorities and 2,000 geometries; persons order seven at a time.
ROWS = """
INSERT INTO rendering_job (kind, state, lane, queue, priority, share, recipe_key, spec, geometry_key, attempt,
    max_attempts, worker, cancel_requested, held, stage, progress, device_used, compute_type, device_name, device_id,
    avoid, gpu_fallback, log, seconds, reuse, error_code, error, error_details, created, queued, cad_name, output_name,
    output_slug, product_name, product_number)
SELECT 'render', 'queued', CASE i %% 2 WHEN 0 THEN 'heavy' ELSE 'light' END, 'asset_pipeline', 40 + i %% 20,
    1 + (i / 7) %% %s, md5(i::text) || md5(i::text), json_build_object('recipe', repeat(md5(i::text), 20)),
    md5((i %% 2000)::text), 0, 3, '', false, false, '', 0, '', '', '', '', '', false, '', '{}', '{}', '', '', '{}',
    now(), now() - interval '1 day' + i * interval '1 ms', '', '', '', '', ''
FROM generate_series(1, %s) i
"""


def fill(count: int, shares: int = 5) -> None:
    """Insert *count* jobs that wait (PostgreSQL only), of so many persons, and have them counted."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [shares, count])
        cursor.execute("ANALYZE rendering_job")


def plan(sql: str, values: list[object]) -> str:
    """Return how PostgreSQL runs a statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", values)
        return "\n".join(row[0] for row in cursor.fetchall())
