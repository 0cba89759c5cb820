"""The API's measurement inside its installation: `python -m tests.benchmarks.api_inside SECTION N` prints JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from typing import Any

import django

django.setup()

from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection

from media_assets.models import MediaAsset, Product
from rendering.models import ApiToken, Attempt, Job, Order
from rendering.models.roles import OPERATOR
from rendering.reports import metrics
from tests.benchmarks import desk_rows
from tests.benchmarks.desk_bulk import fill, settle

SCALE = 10  # a tenth of the desk's: 100,000 assets, 20,000 jobs
HOURLY = 100_000


def rows(count: int) -> dict[str, Any]:
    """Fill the database; return a token of an operator, and what it may ask for."""
    call_command("migrate", verbosity=0)
    for name in ("PRODUCTS", "EARLIER", "ASSETS", "JOBS", "LINES", "CAD_FILES", "ORDERED_PRODUCTS"):
        setattr(desk_rows, name, getattr(desk_rows, name) // SCALE)
    desk_rows.ORDERS = 1 + -(-(desk_rows.LINES - desk_rows.LARGE_ORDER) // 25)
    desk_rows.told = lambda: None  # no messages, links and history: nothing here reads them
    made = desk_rows.make()
    owner = User.objects.create_user("pim", is_staff=True)
    owner.groups.add(Group.objects.get(name=OPERATOR))
    _, key = ApiToken.issue(owner, "PIM", ["read"])
    products = Product.objects.order_by("pk").values_list("number", flat=True)[:count]
    assets = MediaAsset.objects.filter(kind__in=MediaAsset.PICTURES).values_list("pk", flat=True)[:count]
    orders = Order.objects.order_by("pk").values_list("pk", flat=True)[:count]
    return {
        "rows": made,
        "key": key,
        "products": list(products),
        "assets": list(assets),
        "orders": list(orders),
    }


def scrapes(count: int) -> dict[str, Any]:
    """Let 100,000 jobs end in this hour; return the seconds of the first scrape of a process and of *count* more."""
    hour = "date_trunc('hour', now())"
    at = f"{hour} + (now() - {hour}) * (i % 1000 / 1000.0)"
    stages = "jsonb_build_object('load', 0.31, 'scene', 0.02, 'sample', i % 97 / 4.0, 'save', 0.4, 'render', i % 99)"
    first = (Job.objects.order_by("-pk").values_list("pk", flat=True).first() or 0) + 1
    fill(
        Job,
        f"generate_series({first}, {first + HOURLY - 1}) AS i",
        id="i",
        kind="'render'",
        state="'succeeded'",
        lane="'heavy'",
        queue="'asset_pipeline'",
        recipe_key="md5(i::text)",
        attempt="1",
        seconds=stages,
        reuse="""'{"geometry": {"hit": true, "changed": [], "why": ""}}'::jsonb""",
        started=f"{at} - interval '20 seconds'",
        finished=at,
    )
    fill(
        Attempt,
        f"generate_series({first}, {first + HOURLY - 1}) AS i",
        job="i",
        number="1",
        worker="'render1:boot:1:1'",
        queue="'asset_pipeline'",
        gpu="'GPU-1'",
        outcome="'succeeded'",
        started=f"{at} - interval '20 seconds'",
        finished=at,
    )
    settle([Job, Attempt])
    taken = []
    for _ in range(count + 1):
        began = time.perf_counter()
        size = len(metrics.exposition())
        taken.append(time.perf_counter() - began)
    with connection.execute_wrapper(_counting):
        metrics.exposition()
    return {"first": taken[0], "again": statistics.median(taken[1:]), "bytes": size, "queries": _queries[0]}


_queries = [0]


def _counting(execute: Any, *rest: Any) -> Any:
    _queries[0] += 1
    return execute(*rest)


SECTIONS = {"rows": rows, "scrapes": scrapes}

if __name__ == "__main__":
    print(json.dumps(SECTIONS[sys.argv[1]](int(sys.argv[2]))))
