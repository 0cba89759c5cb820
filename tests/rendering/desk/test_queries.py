"""No page asks more queries for more rows. Lists are found by asking the site, so that a new one is held as well."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.db.models import ForeignKey, Model, UniqueConstraint, UUIDField
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from gpu.models import SystemSettings
from rendering.models import HistoryEntry, Job, Order, OrderLine
from tests import factories
from tests.rendering.desk.conftest import World

pytestmark = pytest.mark.django_db

FEW, MANY = 10, 1000
PAGED = 1  # a list of several pages asks for the ids of its page first
MOST = {"gpu.gpudevice": 50, "gpu.worker": 200}  # no house has more, and the desk shows each
ONE_ROW = (SystemSettings,)
MOST_QUERIES = 40
LISTS = [model._meta.label_lower for model in admin.site._registry if model not in ONE_ROW]


def job_state(number: int) -> dict[str, Any]:
    """A tenth of the jobs run, a tenth have failed."""
    now = timezone.now()
    if number % 10 == 0:
        return {"state": "running", "lease_token": uuid.uuid4(), "lease_until": now + timedelta(days=1)}
    ended = {"lease_token": None, "lease_until": None, "started": now, "finished": now}
    return ended | ({"state": "failed", "error_code": "lost"} if number % 10 == 1 else {"state": "succeeded"})


# How rows must differ where it is more than a name that is unique.
VARIED: dict[str, Callable[[int], dict[str, Any]]] = {
    "rendering.job": job_state,
    "rendering.orderline": lambda number: {"state": "done", "source": "rendered", "error_code": ""},
    "rendering.outputtype": lambda number: {"is_active": number < FEW},  # the matrix has a column for each
    "rendering.workflow": lambda number: {"runs_on_upload": False},
    "gpu.gpuprobe": lambda number: {"state": "succeeded", "host": "h1"},
    "gpu.gpudevice": lambda number: {"queue": f"queue{number}", "host": "h1"},
}


def unique_names(model: type[Model]) -> set[str]:
    """The fields of which two rows may not be alike, by themselves or with others."""
    fields = {field.name for field in model._meta.concrete_fields if field.unique and not field.primary_key}
    rules = (rule for rule in model._meta.constraints if isinstance(rule, UniqueConstraint))
    return fields.union(*(rule.fields for rule in rules))


def copies(model: type[Model], numbers: range, others: dict[type[Model], list[Any]]) -> list[Any]:
    """Return rows like the newest one of *model*, saved: each with names, and where they may, neighbors of its own."""
    pattern = model._default_manager.order_by("-pk").first()
    assert pattern is not None, (
        f"There is no {model._meta.label} in tests/rendering/desk/conftest.py: add one to World."
    )
    unique = unique_names(model)
    rows = []
    for number in numbers:
        values: dict[str, Any] = {}
        for field in model._meta.concrete_fields:
            if field.primary_key or getattr(field, "generated", False):
                continue
            value = getattr(pattern, field.attname)
            if isinstance(field, ForeignKey):
                own = others.get(field.remote_field.model)
                value = own[number].pk if own and number < len(own) and value is not None else value
            elif field.name in unique and isinstance(field, UUIDField):
                value = uuid.uuid4()
            elif field.name in unique and isinstance(value, str) and value and not field.choices:
                value = f"{number}{value}"[: field.max_length]
            elif field.name in unique and hasattr(value, "isoformat"):
                value += timedelta(seconds=number)
            values[field.attname] = value
        rows.append(model(**values | VARIED.get(model._meta.label_lower, lambda number: {})(number)))
    return list(model._default_manager.bulk_create(rows))


def grow(world: World, numbers: range) -> dict[type[Model], list[Any]]:
    """Add rows of every listed model, and lines; those of one number belong together."""
    made: dict[type[Model], list[Any]] = {}
    rest = [model for model in admin.site._registry if model not in ONE_ROW]
    order = [type(world.cad_file), type(world.product), type(world.asset), Order, Job]
    for model in [*order, *(model for model in rest if model not in order)]:
        some = range(numbers.start, min(numbers.stop, MOST.get(model._meta.label_lower, numbers.stop)))
        made[model] = [None] * numbers.start + copies(model, some, made)
    lines = copies(OrderLine, numbers, made)
    through: Any = OrderLine.jobs.through
    through.objects.bulk_create(
        through(orderline_id=line.pk, job_id=job.pk)
        for line, job in zip(lines, made[Job][numbers.start :], strict=True)
    )
    return made


def queries(client: Client, address: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200, address
    return [one["sql"] for one in captured.captured_queries]


def changelist(label: str) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_changelist")


@pytest.mark.slow
def test_lists_desk_matrix_and_order_take_as_many_queries_for_1000_rows_as_for_10(
    world: World, admin_client: Client
) -> None:
    Group.objects.create(name="Operators")
    HistoryEntry.objects.create(person="Ann", verb="order", name="Order 1")
    pages = {label: changelist(label) for label in LISTS}
    pages |= {name: reverse(f"admin:{name}") for name in ("index", "desk_live", "rendering_matrix")}
    pages["an order"] = reverse("admin:rendering_order_change", args=[world.order.pk])
    grow(world, range(FEW))
    OrderLine.objects.update(order=world.order)
    admin_client.get(pages["index"])
    few = {name: queries(admin_client, address) for name, address in pages.items()}
    grow(world, range(FEW, MANY))
    OrderLine.objects.update(order=world.order)
    for name, address in pages.items():
        many = queries(admin_client, address)
        assert len(many) <= len(few[name]) + PAGED, (name, set(many) - set(few[name]))
        assert len(many) < MOST_QUERIES, name


def test_live_cells_of_many_jobs_are_one_query_for_all(admin_client: Client) -> None:
    jobs = [factories.job() for _ in range(12)]
    address = reverse("admin:rendering_job_live")
    few = len(queries(admin_client, f"{address}?id={jobs[0].pk}"))
    many = len(queries(admin_client, f"{address}?" + "&".join(f"id={job.pk}" for job in jobs)))
    assert many == few
