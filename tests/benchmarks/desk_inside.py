"""The desk of a large installation, timed inside it: `python -m tests.benchmarks.desk_inside SECTION N` prints JSON."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import django

django.setup()

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from media_assets.models import CadFile, MediaAsset, Product
from rendering.models import Job, Order
from rendering.reports import REPORTS
from tests.benchmarks import desk_rows

Address = tuple[str, str, str]  # page, what of it, address
LIVE_ROWS = 50
COMMON = ("bearing", "1")  # one product of twenty, and nearly all of them
NOWHERE = "qxzvw"
MOST_LINKS = 12  # of one filter


def search_terms(model: type[Model]) -> Iterator[tuple[str, str]]:
    """Yield words that find little, much and nothing, and the whole key of one row."""
    product = Product.objects.get(pk=desk_rows.PRODUCTS // 3)
    yield "a product's number", product.number
    yield "two words", f"{product.name.split()[0]} {product.number[:6]}"
    for word in COMMON:
        yield f"“{word}”", word
    yield "nothing", NOWHERE
    row = model._default_manager.order_by("pk").first()
    for field in ("sha256", "recipe_key"):
        if row is not None and hasattr(row, field):
            yield field, getattr(row, field)


def list_addresses(client: Client, model: type[Model]) -> Iterator[Address]:
    """Yield a list, its searches, each link of its filters, each column that sorts, and its middle and last page."""
    name = str(model._meta.verbose_name_plural)
    base = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    answer = client.get(base)
    if answer.status_code != 200:
        return
    yield f"{name}: list", "first page", base
    page = answer.context_data["cl"]
    if page.search_fields:
        for what, words in search_terms(model):
            yield f"{name}: search", what, f"{base}?{urlencode({'q': words})}"
    for spec in page.filter_specs:
        for choice in islice(spec.choices(page), MOST_LINKS):
            if not choice.get("selected") and "display" in choice:
                yield f"{name}: filters", f"{spec.title}: {choice['display']}", base + choice["query_string"]
        if spec.template == "desk/assets/product_filter.html":
            for what, words in search_terms(Product):
                yield f"{name}: filters", f"product: {what}", f"{base}?{urlencode({'product': words})}"
    for number, column in enumerate(page.list_display):
        if page.get_ordering_field(column) and column in page.sortable_by:
            for sign in ("", "-"):
                yield f"{name}: sorted", f"by {sign}{column}", f"{base}?o={sign}{number}"
    pages = page.paginator.num_pages
    if pages > 2:
        yield f"{name}: far pages", "the middle one", f"{base}?p={pages // 2}"
        yield f"{name}: far pages", "the last one", f"{base}?p={pages}"


def own_addresses() -> Iterator[Address]:
    """Yield the pages that are no lists."""
    yield "desk", "", reverse("admin:index")
    yield "desk", "its live refresh", reverse("admin:desk_live")
    matrix = reverse("admin:rendering_matrix")
    for what, query in (("first page", ""), ("a far page", "?p=1000"), ("searched", "?q=bearing")):
        yield "deliverables", what, matrix + query
    large = Order.objects.order_by("-pk")[0].pk
    for what, query in (("", ""), ("a far page", "?page=9"), ("only failed lines", "?show=failed")):
        yield "order of 1,000 lines", what, reverse("admin:rendering_order_change", args=[large]) + query
    yield "order of 1,000 lines", "its live refresh", reverse("admin:rendering_order_live", args=[large])
    yield "order form", "", reverse("admin:rendering_order_add")
    ids = urlencode({"id": list(Job.objects.values_list("pk", flat=True)[:LIVE_ROWS])}, doseq=True)
    yield "jobs: live refresh", f"{LIVE_ROWS} rows", f"{reverse('admin:rendering_job_live')}?{ids}"
    for model, conditions in (
        (Job, [{"state": state} for state in Job.State.values]),
        (MediaAsset, [{"kind": kind} for kind in MediaAsset.Kind.values]),
        (Product, [{}]),
        (CadFile, [{"parts": parts} for parts in desk_rows.SIZES.values()] + [{"state": "failed"}]),
    ):
        for condition in conditions:
            row = model._default_manager.filter(pk__gt=20_000, **condition).order_by("pk").first()
            if row is not None:
                what = " ".join(str(value) for value in condition.values())
                for page in ("change", "history"):
                    address = reverse(
                        f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=[row.pk]
                    )
                    said = f"{what} history" if page == "history" else what
                    yield f"{model._meta.verbose_name} page", said.strip(), address
    words = urlencode(
        {"app_label": "media_assets", "model_name": "product", "field_name": "cad_file", "term": "bearing"}
    )
    yield "autocomplete", "a CAD file of a product", f"{reverse('admin:autocomplete')}?{words}"
    today = timezone.localdate()
    for days in (30, 365):
        query = urlencode({"since": today - timedelta(days=days - 1), "until": today})
        yield "reports page", f"{days} days", f"{reverse('admin:reports')}?{query}"
        for name in REPORTS:
            address = reverse("admin:report_download", args=[name, "json"])
            yield f"a report of {days} days", name, f"{address}?{query}"


def addresses(client: Client) -> list[Address]:
    found = list(own_addresses())
    for model in admin.site._registry:
        found += list_addresses(client, model)
    return found


def pages(count: int) -> list[dict[str, Any]]:
    """Return for each address the seconds of *count* answers after one that is not counted, and its queries."""
    settings.ALLOWED_HOSTS = ["*"]
    call_command("collectstatic", interactive=False, verbosity=0)
    client = Client()
    client.force_login(User.objects.get(pk=1))
    only = sys.argv[3:]
    found = []
    for page, what, address in addresses(client):
        if only and not any(word in f"{page} {address}" for word in only):
            continue
        with CaptureQueriesContext(connection) as captured:
            first = client.get(address)
        captured_queries = captured.captured_queries
        taken = [timed(client, address) for _ in range(count)]
        seconds = [wall for wall, _ in taken]
        slowest = max(captured_queries, key=lambda one: float(one["time"]), default={"time": "0", "sql": ""})
        found.append(
            {
                "page": page,
                "what": what,
                "address": address,
                "status": first.status_code,
                "queries": len(captured_queries),
                "seconds": seconds,
                "own": [processor for _, processor in taken],
                "slowest": f"{slowest['time']} {slowest['sql'][:4000]}",
            }
        )
        if only:
            middle = 1000 * statistics.median(seconds)
            print(f"{middle:7.0f} ms {len(captured_queries)} {page} | {what}", file=sys.stderr)
            print("      ", found[-1]["slowest"], file=sys.stderr)
    return found


def timed(client: Client, address: str) -> tuple[float, float]:
    """Return the seconds of one answer, and those that Python itself worked: the rest is the database's, or waiting."""
    began, worked = time.perf_counter(), time.process_time()
    client.get(address)
    return time.perf_counter() - began, time.process_time() - worked


def rows(count: int) -> dict[str, int]:
    call_command("migrate", verbosity=0)
    return desk_rows.make()


SECTIONS = {"rows": rows, "pages": pages}

if __name__ == "__main__":
    print(json.dumps(SECTIONS[sys.argv[1]](int(sys.argv[2]))))
