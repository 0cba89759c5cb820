"""People who see the products of certain customers alone: each request is narrowed to that, and so are permissions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from gpu.admin.bounded import BoundedChoices
from media_assets.models import CustomerAccess, sight
from rendering.models.roles import CONFINED_MAY


def narrow(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Return the middleware by which a request finds only what its user may see."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        with sight.of_request(request):
            response = get_response(request)
        if type(response) is StreamingHttpResponse:
            parts: Iterable[Any] = response.streaming_content  # type: ignore[assignment]  # no async here
            response.streaming_content = _parts(request, iter(parts))
        return response

    return answer


def _parts(request: HttpRequest, parts: Iterator[Any]) -> Iterator[Any]:
    """Yield what is made while it is sent, long after the view."""
    while True:
        with sight.of_request(request):
            try:
                part = next(parts)
            except StopIteration:
                return
        yield part


class CustomerBackend:
    """Refuses confined people what is about all products, whatever their groups say. Nobody logs in by it."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:
        return None

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if sight.sight_of(user_obj) and perm not in CONFINED_MAY:
            raise PermissionDenied
        return False


class CustomerAccessInline(BoundedChoices, admin.TabularInline):  # type: ignore[type-arg]
    """On the page of a person or a group, for whoever may change those."""

    model = CustomerAccess
    extra = 0
    fields = ("customer",)
    autocomplete_fields = ("customer",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"auth.view_{self.parent_model._meta.model_name}")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return request.user.has_perm(f"auth.change_{self.parent_model._meta.model_name}")

    has_add_permission = has_change_permission
    has_delete_permission = has_change_permission
