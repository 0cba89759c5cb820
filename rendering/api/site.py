"""The API as one object: its document, its page, its nouns."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase
from ninja.openapi.schema import OpenAPISchema

from rendering.api import (
    approvals,
    assets,
    cad_files,
    catalog,
    channels,
    events,
    farm,
    jobs,
    orders,
    products,
    uploads,
    webhooks,
)
from rendering.api.access import Pace
from rendering.api.problems import TYPE, handle_all, problem


class Reader(DocsBase):
    """The page on which people read the document and try its operations."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        settings = {"url": self.get_openapi_url(api, kwargs), "layout": "BaseLayout", "deepLinking": True}
        return TemplateResponse(request, "api/reader.html", {"settings": settings})


class Api(NinjaAPI):
    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self._documents: dict[str, OpenAPISchema] = {}

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """Return the document, which takes most of a second to make and is kept; nobody changes it."""
        prefix = self.get_root_path(path_params or {}) if path_prefix is None else path_prefix
        if prefix not in self._documents:
            self._documents[prefix] = self._document(prefix)
        return self._documents[prefix]

    def _document(self, prefix: str) -> OpenAPISchema:
        """Make it, with problems as the media type that they are."""
        document = super().get_openapi_schema(path_prefix=prefix)
        for methods in document["paths"].values():
            for operation in methods.values():
                for status, answer in operation["responses"].items():
                    if int(status) >= 400:
                        answer["content"] = {TYPE: answer["content"].pop("application/json")}
                operation["responses"][414] = _answer("The web server takes no address that long")
        document["paths"] |= FOR_PEOPLE
        return document


def _answer(words: str) -> dict[str, Any]:
    return {"description": words}


def _by_log_in(summary: str, status: int) -> dict[str, Any]:
    return {
        **_answer("By the log-in of the admin, with its permission gpu.probe_gpu and Django's CSRF token."),
        "tags": ["Farm"],
        "summary": summary,
        "responses": {
            status: _answer("A JSON document"),
            403: _answer("`error_code` and `error`: not logged in, not allowed, or no CSRF token"),
            404: _answer("There is no such probe"),
        },
    }


# Older than the API; they keep working.
FOR_PEOPLE = {
    "/gpu/probe/": {"post": _by_log_in("Ask for a GPU probe", 202)},
    "/gpu/probe/result/": {"get": _by_log_in("Show the last GPU probes", 200)},
}

api = Api(
    title="Renderdesk",
    version=settings.VERSION,
    description=(
        "CAD in, product images out. Every request carries an API token: `Authorization: Bearer rd_...`. "
        "Errors are problem details (RFC 9457) with a `code`. Lists come in pages, the newest first: `cursor` is "
        "`next` of the page before. docs/api.md has recipes."
    ),
    urls_namespace="api-1",
    docs=Reader(),
    throttle=[Pace()],
)
handle_all(api)
for noun in (
    products,
    cad_files,
    uploads,
    catalog,
    channels,
    orders,
    events,
    assets,
    approvals,
    jobs,
    farm,
    webhooks,
):
    api.add_router("", noun.router)


def nowhere(request: HttpRequest, path: str = "") -> HttpResponse:
    """Answer addresses that the API does not have."""
    words = _("There is nothing at {path!r}.").format(path=request.path[:200])
    return problem(
        404, "no_such_address", words, _("See {address}.").format(address=reverse("api-1:openapi-view"))
    )
