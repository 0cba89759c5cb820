"""How lines look: text with name=value at its end, or JSON. No line has a secret that an address carries."""

from __future__ import annotations

import json
import logging
import re
from typing import Any

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

# Django's own lines carry the whole request, whose address may have a code or a signature.
LEFT_OUT = {*RESERVED_ATTRS, "request", "message", "asctime", "taskName"}
SECRET = re.compile(r"(/share/)[^/\s'\"]+|(\?)[\w.~%-]+=[^\s'\"]*")


def covered(text: str) -> str:
    """Return *text* without the keys of shared links and the queries of addresses."""
    return SECRET.sub(lambda found: f"{found[1] or found[2]}…", text)


class LineFormatter(logging.Formatter):
    """`2026-11-30 06:15:00,123 INFO renderdesk.jobs: Render 27 started job=27 kind=render`."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        named = [f"{name}={_word(value)}" for name, value in record.__dict__.items() if _is_said(name, value)]
        record.message = record.message.replace("\n", "\\n")
        return " ".join([super().formatMessage(record), *named])

    def format(self, record: logging.LogRecord) -> str:
        return covered(super().format(record))


class ObjectFormatter(JsonFormatter):
    """One JSON object a line: time, level, logger, message, the ids, and what else is known."""

    def __init__(self) -> None:
        super().__init__(
            "%(asctime)s %(levelname)s %(name)s %(message)s",
            rename_fields={
                "asctime": "time",
                "levelname": "level",
                "name": "logger",
                "exc_info": "exception",
            },
            reserved_attrs=sorted(LEFT_OUT),
            datefmt="%Y-%m-%dT%H:%M:%S%z",
            json_ensure_ascii=False,
        )

    def process_log_record(self, log_data: dict[str, Any]) -> dict[str, Any]:
        return {
            name: covered(value) if isinstance(value, str) else value
            for name, value in log_data.items()
            if value not in (None, "", [])
        }


def _is_said(name: str, value: Any) -> bool:
    return name not in LEFT_OUT and not name.startswith("_") and value not in (None, "", [])


def _word(value: Any) -> str:
    """Return *value* so that it ends at a space: quoted, where it has one."""
    text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
    return text if re.fullmatch(r"[^\s\"=]+", text) else json.dumps(text, ensure_ascii=False)
