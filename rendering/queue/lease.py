"""A worker's lease of its job: renewed at a steady pace, tolerant of a database that is unavailable for a while."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connection
from django.utils import timezone

from gpu.workers.heartbeat import Heartbeat
from rendering.models.errors import LeaseLost, Released
from rendering.queue import claims
from rendering.queue.claims import Claim

log = logging.getLogger("renderdesk.jobs")

T = TypeVar("T")
SAFETY_SECONDS = 5.0  # give up this long before the lease ends, so that nobody else can have the job yet


class Lease:
    """Renews the lease of one claim, writes its progress, and learns that it must stop."""

    def __init__(self, claim: Claim, beat: Heartbeat) -> None:
        self.claim, self.beat = claim, beat
        self.pending: dict[str, Any] = {}
        self.next_tick = 0.0
        self.ends = time.monotonic() + settings.LEASE_SECONDS

    def note(self, **fields: Any) -> None:
        """Remember *fields* (progress, stage, device_used, ...) for the next renewal."""
        self.pending |= fields

    def tick(self) -> None:
        """Renew at most every TICK_SECONDS. Raises Canceled, LeaseLost or Released: stop the work then."""
        if time.monotonic() < self.next_tick:
            return
        self.next_tick = time.monotonic() + settings.TICK_SECONDS
        until = self.beat.drain_until
        if until is not None and timezone.now() >= until:
            raise Released
        try:
            close_old_connections()
            claims.renew(self.claim, **self.pending)
        except (OperationalError, InterfaceError) as error:
            connection.close()
            if time.monotonic() > self.ends - SAFETY_SECONDS:
                raise LeaseLost from error
            log.warning("%s goes on without the database: %s", self.claim.job, str(error).strip())
            return
        self.ends = time.monotonic() + settings.LEASE_SECONDS
        self.pending.clear()

    def persist(self, action: Callable[[], T]) -> T:
        """Run *action*, a transaction or a question; while the database is away, try again until the lease ends.

        Raises LeaseLost then. What is asked after minutes of work goes through here, so that none of it is lost.
        """
        while True:
            try:
                close_old_connections()
                return action()
            except (OperationalError, InterfaceError) as error:
                connection.close()
                if time.monotonic() > self.ends - SAFETY_SECONDS:
                    raise LeaseLost from error
                time.sleep(0.5)
            except DatabaseError:
                connection.close()
                raise
