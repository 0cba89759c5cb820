"""Reports to Sentry and traces by OpenTelemetry, where the environment says where to. Their packages are optional."""

from __future__ import annotations

import os
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from config.logs import covered

logged: Any = import_module("blender_scripts.logged")  # where the ids of the log are
INSTALL = "Install it: pip install -r requirements-telemetry.txt"


def start(environment: Mapping[str, str], version: str) -> list[str]:
    """Begin to report what *environment* asks for; return what is missing, in sentences."""
    wrong = []
    for name, begin in {"SENTRY_DSN": _sentry, "OTEL_EXPORTER_OTLP_ENDPOINT": _traces}.items():
        if not environment.get(name):
            continue
        try:
            begin(environment, version)
        except ImportError as error:
            wrong.append(f"{name} is set, and the package {error.name} is missing. {INSTALL}.")
        except ValueError as error:  # an address that is none
            wrong.append(f"{name} is wrong: {error}.")
    return wrong


def _sentry(environment: Mapping[str, str], version: str) -> None:
    """Send what ends in an error: neither people nor their requests, neither values nor what went before."""
    import_module("sentry_sdk").init(
        dsn=environment["SENTRY_DSN"],
        release=f"renderdesk@{version}",
        max_request_body_size="never",
        include_local_variables=False,
        max_breadcrumbs=0,
        before_send=_bare,
    )


def _bare(event: dict[str, Any], hint: Any) -> dict[str, Any]:
    """Return *event* without whatever names a person or opens something, and with the ids of the log."""
    for name in ("user", "request", "extra", "breadcrumbs"):
        event.pop(name, None)
    event["tags"] = {**event.get("tags", {}), **{name: str(value) for name, value in logged.ids().items()}}
    for one in event.get("exception", {}).get("values", []):
        one["value"] = covered(str(one.get("value", "")))
    if said := event.get("logentry"):
        event["logentry"] = {"message": covered(str(said.get("formatted") or said.get("message", "")))}
    return event


def _traces(environment: Mapping[str, str], version: str) -> None:
    """Send a span for each request and each job; the exporter reads the rest of OTEL_… by itself."""
    trace = import_module("opentelemetry.sdk.trace")
    exporter = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter").OTLPSpanExporter()
    named = {"service.name": os.environ.get("OTEL_SERVICE_NAME", "renderdesk"), "service.version": version}
    provider = trace.TracerProvider(
        resource=import_module("opentelemetry.sdk.resources").Resource.create(named)
    )
    provider.add_span_processor(import_module("opentelemetry.sdk.trace.export").BatchSpanProcessor(exporter))
    logged.tracer = provider.get_tracer("renderdesk")
