"""Rows of waiting jobs by the statement, as many as are wanted: bulk_create takes minutes for a million."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from unittest import mock

from django.db import connection

from gpu.queues import topology
from gpu.queues.topology import PRIMARY_QUEUE
from rendering.models import Job
from rendering.queue import claims
from rendering.queue.claims import looking, statements

# Two lanes, 20 priorities and 2,000 geometries; persons order seven of each priority at a time.
ROWS = """
INSERT INTO rendering_job (kind, state, lane, queue, priority, share, recipe_key, spec, geometry_key, attempt,
    max_attempts, worker, cancel_requested, held, stage, progress, device_used, compute_type, device_name, device_id,
    avoid, gpu_fallback, log, seconds, reuse, error_code, error, error_details, created, queued, cad_name, output_name,
    output_slug, product_name, product_number)
SELECT 'render', 'queued', CASE i %% 2 WHEN 0 THEN 'heavy' ELSE 'light' END, 'asset_pipeline', 40 + i %% 20,
    1 + (i / 140) %% %s, md5(i::text) || md5(i::text), json_build_object('recipe', repeat(md5(i::text), 20)),
    md5((i %% 2000)::text), 0, 3, '', false, false, '', 0, '', '', '', '', '', false, '', '{}', '{}', '', '', '{}',
    now(), now() - interval '1 day' + i * interval '1 ms', '', '', '', '', ''
FROM generate_series(1, %s) i
"""


def fill(count: int, shares: int = 5) -> None:
    """Insert *count* jobs that wait (PostgreSQL only), of so many persons, and have them counted."""
    with connection.cursor() as cursor:
        cursor.execute(ROWS, [shares, count])
        cursor.execute("ANALYZE rendering_job")


def plans_of_claims() -> list[str]:
    """Claim twice, once after a turn, and return how PostgreSQL runs the looks and what takes a job."""
    asked: list[tuple[str, Any]] = []
    ask = statements._all
    geometry = Job.objects.order_by("id").values_list("geometry_key", flat=True)[0]
    with mock.patch.object(statements, "_all", lambda *one: (asked.append(one), ask(*one))[1]):
        for _ in range(2):
            assert claims.claim(PRIMARY_QUEUE, "h:b:1:1", geometry)
        looking.Looker(PRIMARY_QUEUE).look(topology.current(), geometry, "GPU-1", tried=[1, 2, 3])
    return [plan(*one) for one in asked if "INSERT" not in one[0]]


def wrong_in(plans: Sequence[str]) -> list[str]:
    """Return the plans that sort or read what waits; what takes a job may sort those that it was given."""
    looks = [one for one in plans if not one.startswith("Update")]
    takes = [one for one in plans if one.startswith("Update")]
    assert (len(looks), len(takes)) == (8, 2)
    return [one for one in looks if re.search(r"Sort|Seq Scan|Bitmap|Hash|Filter: .*geometry_key", one)] + [
        one
        for one in takes
        if "rendering_job_pkey" not in one or re.search(r"Seq Scan on rendering_job|job_ready", one)
    ]


def plan(sql: str, values: Sequence[Any]) -> str:
    """Return how PostgreSQL runs a statement, by the plan that it keeps: what the values are it does not know."""
    names = [f"${number}" for number in range(1, len(values) + 1)]
    with connection.cursor() as cursor:
        raw = cursor.cursor
        raw.execute(f"PREPARE of_a_claim AS {sql % tuple(names)}")
        try:
            given = ", ".join(["%s"] * len(values))
            cursor.execute(f"EXPLAIN EXECUTE of_a_claim({given})", values)
            return "\n".join(row[0] for row in cursor.fetchall())
        finally:
            raw.execute("DEALLOCATE of_a_claim")
