"""Where messages wait as lists of Redis: django-q2's Redis broker, rung on commit, missed by nobody when it is down."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection
from contextlib import suppress
from functools import cache, partial
from typing import Any

import redis
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django_q.brokers.redis_broker import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger("renderdesk.queue")

POP_SECONDS = 1  # an idle worker's blocking pop; it looks after its supervisor in between
ANSWER_SECONDS = 2.0
DOWN_SECONDS = (
    5.0  # for so long nothing is sent to a server that did not answer: each try may take ANSWER_SECONDS
)
MOST = 1000  # messages of one queue that nobody serves; they are all alike

_down_until = 0.0


class Lists(Redis):  # type: ignore[misc]  # django-q2 has no types
    """django-q2's Redis broker. Nobody who sends a message fails because of Redis: work is found without it."""

    def enqueue(self, task: str) -> None:
        transaction.on_commit(partial(self._push, task))

    def _push(self, task: str) -> None:
        global _down_until
        if time.monotonic() < _down_until:
            return
        try:
            if self.connection.rpush(self.list_key, task) > MOST:
                self.connection.ltrim(self.list_key, -MOST, -1)
        except redis.RedisError as error:
            _down_until = time.monotonic() + DOWN_SECONDS
            log.warning("Redis does not answer (%s); workers look for work themselves meanwhile.", error)

    def dequeue(self) -> list[tuple[None, bytes]] | None:
        """Wait up to POP_SECONDS for a message. Raises redis.RedisError."""
        found = self.connection.blpop([self.list_key], POP_SECONDS)
        return [(None, found[1])] if found else None

    @classmethod
    def trouble(cls) -> str:
        """Return in a sentence that Redis does not answer; "" when it does."""
        try:
            cls.get_connection().ping()
        except redis.RedisError as error:
            return _("Redis does not answer (%(reason)s).") % {"reason": error}
        return ""

    @classmethod
    def waiting(cls, queues: Collection[str]) -> dict[str, int]:
        """Return how many messages of each queue nobody has taken yet; none where Redis does not say."""
        with suppress(redis.RedisError):
            return {queue: count for queue in queues if (count := cls(queue).queue_size())}
        return {}

    @staticmethod
    def get_connection(list_key: str | None = None) -> redis.Redis:
        return _client(settings.REDIS_URL)

    def set_stat(self, *_: Any) -> None:
        """Nobody reads django-q2's own statistics."""


@cache
def _client(url: str) -> redis.Redis:
    """One client for each process; its connections are made anew after a fork."""
    return redis.Redis.from_url(
        url,
        socket_connect_timeout=ANSWER_SECONDS,
        socket_timeout=POP_SECONDS + ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
