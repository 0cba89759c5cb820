"""Where messages wait as rows of the database, which django-q2 calls its ORM broker: taken once, and rung on commit.

`gpu/queues/redis_lists.py` is the other place. In both a message that was taken is gone, whatever becomes of its taker.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping

from django.conf import settings
from django.db import connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Count
from django.db.models.functions import Now
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ

CHANNEL = "renderdesk_wake"  # of PostgreSQL's NOTIFY; its payload is the queue


class Rows(ORM):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's ORM broker by the database's clock, without receipts; PostgreSQL tells who listens."""

    def enqueue(self, task: str) -> int:
        row = self.get_connection().create(key=self.list_key, payload=task, lock=Now())
        connection = connections[Conf.ORM]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, self.list_key])
        return int(row.pk)

    def dequeue(self) -> list[tuple[None, str]] | None:
        """For a cluster that `manage.py qcluster` started: it has no supervisor that listens, so it polls."""
        taken = take({self.list_key: 1})
        if not taken:
            time.sleep(settings.POLL_SECONDS)
            return None
        return [(None, payload) for _, payload in taken]

    @staticmethod
    def trouble() -> str:
        """Whoever asks has the database, so all is well."""
        return ""

    @staticmethod
    def waiting(queues: Collection[str]) -> dict[str, int]:
        """Return how many messages of each queue nobody has taken yet."""
        rows = OrmQ.objects.filter(key__in=list(queues), lock__lte=Now())
        return dict(rows.order_by().values_list("key").annotate(count=Count("id")))


def take(wanted: Mapping[str, int]) -> list[tuple[str, str]]:
    """Take up to so many messages of each queue, the oldest first; return queue and payload of each.

    No two takers get the same one. What a cluster of an earlier release has locked is its own.
    """
    here = connections[Conf.ORM]
    of_queue = _delete_and_return if here.vendor == "postgresql" else _read_and_delete
    return [(queue, payload) for queue, count in wanted.items() for payload in of_queue(here, queue, count)]


def _delete_and_return(here: BaseDatabaseWrapper, queue: str, count: int) -> list[str]:
    """One statement: the worker that gets it is waited for."""
    with here.cursor() as cursor:
        cursor.execute(_DELETE, [queue, count])
        return [payload for (payload,) in cursor.fetchall()]


_DELETE = f"""
DELETE FROM {OrmQ._meta.db_table} WHERE id IN (
    SELECT id FROM {OrmQ._meta.db_table} WHERE key = %s AND lock <= statement_timestamp()
    ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING payload
"""  # noqa: S608


def _read_and_delete(here: BaseDatabaseWrapper, queue: str, count: int) -> list[str]:
    """SQLite has one writer at a time; who finds nothing need not be that one."""
    rows = OrmQ.objects.using(here.alias).filter(key=queue, lock__lte=Now()).order_by("id")
    if not rows.exists():
        return []
    with transaction.atomic(using=here.alias):
        found = list(rows[:count])
        OrmQ.objects.using(here.alias).filter(pk__in=[row.pk for row in found]).delete()
    return [row.payload for row in found]
