"""The statements of a claim. Each part of a look walks one index from its head and stops there, whatever waits behind.

They are written out because the ORM can't (recursion over the places, limits within unions, one of several rows taken),
or takes several times as long as the database.
PostgreSQL and SQLite take the same ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from django.db.models import Model
from django.db.models.functions import Now

from gpu.models import QueuePause
from media_assets.models import Product
from rendering.models import Job, Order
from rendering.queue import moves
from rendering.queue.claims.holding import from_now

Place = tuple[str, str]  # lane and queue
Head = tuple[str, str, int, int]  # lane and queue, the highest priority there, the lowest share of that
Row = tuple[int, datetime, int, int, str]  # kind, queued, id, share, geometry

JOBS, PAUSES = Job._meta.db_table, QueuePause._meta.db_table
# The conditions of the indexes, word for word: rendering.models.job.READY.
READY = "k.state = 'queued' AND NOT k.held AND k.held_since IS NULL AND k.not_before IS NULL"
LOADS = "k.geometry_key = %s AND k.geometry_key > ''"  # a kept plan can't know that the key is not empty
LATER = "k.state = 'queued' AND k.held_since IS NULL AND k.not_before IS NOT NULL"
HEAD = "ORDER BY k.queue, k.priority DESC, k.share, k.queued, k.id LIMIT 1"
GOES_ON, LOADED, OLDEST = range(3)
RIPE = 500  # jobs made ready by one statement
NEWER = 2000  # younger jobs looked at in one go


@dataclass(frozen=True)
class Unless:
    """Which jobs are passed over: those that avoid a GPU, those that were tried."""

    sql: str = ""
    values: tuple[Any, ...] = ()

    @classmethod
    def of(cls, gpu: str, tried: Collection[int]) -> Unless:
        one = cls()
        if gpu:
            mark = connection.ops.prep_for_like_query(moves.marked(gpu))
            one = cls(r" AND (k.avoid = '' OR k.avoid NOT LIKE %s ESCAPE '\')", (f"%{mark}%",))
        if tried:
            some = ", ".join(["%s"] * len(tried))
            one = cls(f"{one.sql} AND k.id NOT IN ({some})", (*one.values, *tried))
        return one


def heads(queue: str, lanes: Sequence[str], unless: Unless) -> tuple[list[Head], int]:
    """Return each lane and queue where something is ready, as Head; nothing while *queue* is paused.

    What was put off until a time that has come is made ready first. The second value is how many entries of the index
    were read for it; 0 on SQLite, which keeps none of what was taken.
    """
    first = f"SELECT k.id FROM {JOBS} k WHERE {READY} AND k.lane = lanes.lane{unless.sql} {HEAD}"
    after = f"SELECT k.id FROM {JOBS} k WHERE {READY} AND k.lane = j.lane AND k.queue > j.queue{unless.sql} {HEAD}"
    now, moment = _clock(connection.vendor)
    sql = f"""
        WITH RECURSIVE lanes(lane) AS ({" UNION ALL ".join(["SELECT %s"] * len(lanes))}),
        head(id) AS (
            SELECT ({first}) FROM lanes
            UNION ALL SELECT ({after}) FROM head JOIN {JOBS} j ON j.id = head.id
        )
        {_read("before")}
        SELECT j.lane, j.queue, j.priority, j.share FROM head JOIN {JOBS} j ON j.id = head.id
        WHERE NOT EXISTS (SELECT 1 FROM {PAUSES} p WHERE p.queue = %s)
        UNION ALL SELECT '', 'ripe', 0, 0 WHERE EXISTS (SELECT 1 FROM {JOBS} k WHERE {LATER} AND k.not_before <= {now})
        {_read("after")}
    """
    values = [*lanes, *unless.values, *unless.values, queue, *moment]
    rows = _all(sql, values)
    if ("", "ripe", 0, 0) in rows:
        ripen()
        rows = _all(sql, values)
    read = {row[1]: row[3] for row in rows if not row[0]}
    return [row for row in rows if row[0]], read.get("after", 0) - read.get("before", 0)


def _read(when: str) -> str:
    """Count the entries of the index read so far: the parts of a union are run in their order."""
    if connection.vendor != "postgresql":
        return ""
    part = f"SELECT '', '{when}', 0, pg_stat_get_xact_tuples_returned('job_ready'::regclass)"
    return f"{part} UNION ALL" if when == "before" else f"UNION ALL {part}"


def ripen() -> None:
    """Make ready what was put off until a time that has come; what another process makes ready now is left to it."""
    ripe = (
        Job.objects.later().filter(not_before__lte=Now()).order_by("not_before").values_list("pk", flat=True)
    )
    if connection.features.has_select_for_update_skip_locked:
        ripe = ripe.select_for_update(skip_locked=True)
    count = RIPE
    while count == RIPE:
        with transaction.atomic():
            count = Job.objects.later().filter(pk__in=list(ripe[:RIPE])).update(not_before=None)


def highest(places: Sequence[Place], priority: int, lowest: int, unless: Unless) -> int:
    """Return the highest share that has something ready, the *lowest* if all is taken by now."""
    of_place = "k.lane = %s AND k.queue = %s AND k.priority = %s"
    last = "ORDER BY k.share DESC, k.queued DESC, k.id DESC LIMIT 1"
    each = f"SELECT (SELECT k.share FROM {JOBS} k WHERE {READY} AND {of_place}{unless.sql} {last}) AS share"
    sql = f"SELECT COALESCE(max(share), %s) FROM ({' UNION ALL '.join([each] * len(places))}) s"
    values = chain.from_iterable((*place, priority, *unless.values) for place in places)
    return int(_all(sql, [lowest, *values])[0][0])


def candidates(
    places: Sequence[Place],
    priority: int,
    share: int,
    lowest: int,
    geometry_key: str,
    unless: Unless,
    most: int,
    *,
    goes_on: bool,
) -> list[Row]:
    """Return at most *most* jobs of each kind, of the next share after *share* or else the *lowest*; in no order.

    GOES_ON: of *share* itself with the loaded geometry, if it *goes_on*. LOADED and OLDEST: of the next one.
    """
    values: list[Any] = []

    def of_each_place(condition: str, order: str, words: str, *given: Any) -> list[str]:
        found = []
        for lane, queue in places:
            place = "k.lane = %s AND k.queue = %s AND k.priority = %s"
            found.append(
                f"SELECT {words} FROM {JOBS} k WHERE {READY} AND {place}{condition}{unless.sql} {order}"
            )
            values.extend([lane, queue, priority, *given, *unless.values])
        return found

    heads = of_each_place(" AND k.share > %s", "ORDER BY k.share, k.queued, k.id LIMIT 1", "k.share", share)
    each = " UNION ALL ".join(f"SELECT ({head}) AS share" for head in heads)
    turn = f"COALESCE((SELECT min(share) FROM ({each}) s), %s)"
    values.append(lowest)
    parts = []
    if goes_on:
        parts += _rows(of_each_place, GOES_ON, f" AND k.share = %s AND {LOADS}", most, share, geometry_key)
    mine = " AND k.share = (SELECT share FROM turn)"
    if geometry_key:
        parts += _rows(of_each_place, LOADED, f"{mine} AND {LOADS}", most, geometry_key)
    parts += _rows(of_each_place, OLDEST, mine, most)
    together = " UNION ALL ".join(f"SELECT * FROM ({one}) part{number}" for number, one in enumerate(parts))
    return _all(f"WITH turn(share) AS (SELECT CAST({turn} AS bigint)) {together}", values)


def _rows(of_each_place: Any, kind: int, condition: str, most: int, *given: Any) -> list[str]:
    words = f"{kind} AS kind, k.queued, k.id, k.share, k.geometry_key"
    found: list[str] = of_each_place(condition, f"ORDER BY k.queued, k.id LIMIT {most}", words, *given)
    return found


def take(ids: Sequence[int], queue: str, written: Mapping[str, Any]) -> Job | None:
    """Let the first of these that is still ready run, with the values of *written*; return it, None if none is.

    Those that another worker takes in this instant are passed over. `is_anything_paused` says whether to look at it.
    PostgreSQL does not wait for its disk: if it crashes within a second, the job waits again, and its worker lost it.
    """
    until, moment = _clock(connection.vendor, settings.LEASE_SECONDS)
    columns, values = _prepared(Job, written)
    skips = "FOR UPDATE OF k SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    hurry = ", set_config('synchronous_commit', 'off', true)" if connection.vendor == "postgresql" else ""
    rows = _all(
        f"""
        UPDATE {JOBS} SET lease_until = {until}, attempt = attempt + 1,
            {", ".join(f"{column} = %s" for column in columns)}
        WHERE id = (
            SELECT k.id FROM {JOBS} k WHERE {READY} AND k.id IN ({", ".join(["%s"] * len(ids))})
                AND NOT EXISTS (SELECT 1 FROM {PAUSES} p WHERE p.queue = %s)
            ORDER BY CASE k.id {" ".join(["WHEN %s THEN %s"] * len(ids))} END LIMIT 1 {skips}
        ) RETURNING {", ".join(str(field.column) for field in Job._meta.concrete_fields)},
            EXISTS (SELECT 1 FROM {Order._meta.db_table} o WHERE o.paused)
            OR EXISTS (SELECT 1 FROM {Product._meta.db_table} p WHERE p.paused_since IS NOT NULL){hurry}
        """,
        [*moment, *values, *ids, queue, *chain.from_iterable((pk, place) for place, pk in enumerate(ids))],
    )
    return _job(rows[0]) if rows else None


def _job(row: Sequence[Any]) -> Job:
    """Return the job of a row that begins with all its columns and whether anything is paused."""
    names = [field.attname for field in Job._meta.concrete_fields]
    compiler = Job.objects.all().query.get_compiler(connection=connection)
    (values,) = compiler.apply_converters([row[: len(names)]], _converters(connection.vendor))
    job = Job.from_db(connection.alias, names, values)
    job.is_anything_paused = bool(row[len(names)])  # type: ignore[attr-defined]
    return job


@cache
def _converters(vendor: str) -> Any:
    """What the ORM makes of the columns of a job."""
    compiler = Job.objects.all().query.get_compiler(connection=connection)
    return compiler.get_converters([field.cached_col for field in Job._meta.concrete_fields])


def write(row: Model, values: Mapping[str, Any], **has: Any) -> bool:
    """Write plain values to a row, if it still *has* those; return whether it has. The ORM takes longer."""
    columns, written = _prepared(type(row), values)
    known, expected = _prepared(type(row), has)
    sql = f"""
        UPDATE {row._meta.db_table} SET {", ".join(f"{column} = %s" for column in columns)}
        WHERE {" AND ".join(f"{column} = %s" for column in ("id", *known))} RETURNING id
    """
    return bool(_all(sql, [*written, row.pk, *expected]))


def add(row: Model) -> None:
    """Insert a new row and note its id."""
    fields = {field.name: field.pre_save(row, True) for field in row._meta.concrete_fields}
    del fields["id"]
    columns, values = _prepared(type(row), fields)
    sql = f"""
        INSERT INTO {row._meta.db_table} ({", ".join(columns)}) VALUES ({", ".join(["%s"] * len(columns))}) RETURNING id
    """
    ((row.pk,),) = _all(sql, values)
    row._state.adding, row._state.db = False, connection.alias


def _prepared(model: type[Model], values: Mapping[str, Any]) -> tuple[list[str], list[Any]]:
    """Return the columns of these fields, and their values as the database takes them."""
    fields = {field.name: field for field in model._meta.concrete_fields}
    return [str(fields[name].column) for name in values], [
        fields[name].get_db_prep_save(getattr(value, "pk", value), connection)
        for name, value in values.items()
    ]


def newest() -> int:
    """Return the highest id of a job."""
    return int(_all(f"SELECT COALESCE(max(id), 0) FROM {JOBS}", [])[0][0])


def newer(pk: int, lanes: Sequence[str], priority: int) -> tuple[int, bool]:
    """Return the id of the youngest job looked at after *pk*, and whether one of these is ready and more urgent."""
    urgent = f"{READY} AND k.priority > %s AND k.lane IN ({', '.join(['%s'] * len(lanes))})"
    sql = f"""
        SELECT max(k.id), max(CASE WHEN {urgent} THEN 1 ELSE 0 END)
        FROM (SELECT * FROM {JOBS} WHERE id > %s ORDER BY id LIMIT {NEWER}) k
    """
    ((last, found),) = _all(sql, [priority, *lanes, pk])
    return last or pk, bool(found)


@cache
def _clock(vendor: str, ahead: float = 0.0) -> tuple[str, list[Any]]:
    """The database's clock, or the time so many seconds from now on, as the ORM writes it."""
    query = Job.objects.all().query
    moment = from_now(ahead) if ahead else Now()
    sql, values = query.get_compiler(connection=connection).compile(moment.resolve_expression(query))
    return sql, list(values)


def _all(sql: str, values: Sequence[Any]) -> list[Any]:
    """Return what a statement finds. PostgreSQL keeps its plan, which takes four times as long as the statement."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.cursor = psycopg.Cursor(connection.connection)
        cursor.execute(sql, values)
        found: list[Any] = cursor.fetchall()
        return found
