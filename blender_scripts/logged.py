"""The ids of what is being done: the request in the web server, the job in a worker. Each line of the log has them."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
from typing import Any

tracer: Any = None  # OpenTelemetry's, where traces go somewhere

_bound: ContextVar[dict[str, Any]] = ContextVar("renderdesk_log", default={})  # noqa: B039 - never changed in place


@contextmanager
def step(name: str, **ids: Any) -> Iterator[dict[str, Any]]:
    """Let each line that is logged inside have these *ids*; yield a place for facts, which a trace shows besides."""
    token = _bound.set({**_bound.get(), **ids})
    facts: dict[str, Any] = {}
    try:
        with tracer.start_as_current_span(name) if tracer else nullcontext() as span:
            try:
                yield facts
            finally:
                if span is not None:
                    span.set_attributes(
                        {
                            f"renderdesk.{key}": value if isinstance(value, (int, float)) else str(value)
                            for key, value in {**ids, **facts}.items()
                            if value not in (None, "", [])
                        }
                    )
    finally:
        _bound.reset(token)


def ids() -> dict[str, Any]:
    """Return the ids of what is being done here."""
    return _bound.get()


class Ids(logging.Filter):
    """Gives each record the ids, and lets all through."""

    def filter(self, record: logging.LogRecord) -> bool:
        for name, value in _bound.get().items():
            if not hasattr(record, name):
                setattr(record, name, value)
        return True
