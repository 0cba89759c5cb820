"""Webhooks: who is called of what, their test, their secret, and how the calls went."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from rendering.api.access import needs
from rendering.api.lists import ListWanted, Page, RowId, Text, found, one, page, values_of
from rendering.api.problems import answers
from rendering.delivery import notifications
from rendering.models import Event, Notification, Webhook
from rendering.models.api_token import TokenScope

router = Router(tags=["Webhooks"])
MOST_HOURS = 24 * 366


class WebhookOut(Schema):
    id: int
    name: str
    url: str
    events: list[str]
    active: bool
    address_hours: int = Field(description="How long addresses of pictures open them; 0: there are none")
    created: AwareDatetime


class WebhookSecretOut(WebhookOut):
    secret: str = Field(description="As Standard Webhooks has it. Shown here alone")


class WebhookChange(Schema):
    """What is given is changed."""

    name: Text | None = None
    url: Text | None = None
    events: list[Annotated[Event, values_of(Event)]] | None = Field(
        None, description="webhook.test is no choice"
    )
    active: bool | None = None
    address_hours: int | None = Field(None, ge=0, le=MOST_HOURS)


class WebhookWish(WebhookChange):
    """A new webhook; without *events* it gets those of orders that finish, fail or are held."""

    name: Text
    url: Text = Field(description="https://host/path; redirects are not followed")


class TryOut(Schema):
    started: AwareDatetime
    seconds: float
    status: int | None = Field(description="Of the answer")
    answer: str = Field(description="How it begins")
    error: str = Field(description="Empty: it was accepted")
    next_attempt: AwareDatetime | None


class DeliveryOut(Schema):
    id: int
    key: str = Field(description="webhook-id of the message")
    event: str
    state: str = Field(description="waiting, sent or given_up")
    attempts: int
    created: AwareDatetime
    sent: AwareDatetime | None
    next_attempt: AwareDatetime | None
    log: list[TryOut] = Field(description="The newest first")


def document(hook: Webhook) -> dict[str, Any]:
    return {
        "id": hook.pk,
        "name": hook.name,
        "url": hook.url,
        "events": hook.events,
        "active": hook.is_active,
        "address_hours": hook.address_hours,
        "created": hook.created,
    }


def delivery_document(row: Notification) -> dict[str, Any]:
    return {
        "id": row.pk,
        "key": str(row.key),
        "event": row.event,
        "state": row.state,
        "attempts": row.attempts,
        "created": row.created,
        "sent": row.sent,
        "next_attempt": row.next_attempt if row.state == Notification.State.WAITING else None,
        "log": [{name: getattr(one, name) for name in TryOut.model_fields} for one in row.tries.all()],
    }


def _saved(hook: Webhook, wish: WebhookChange) -> None:
    """Write what is wished; ValidationError for what no webhook may be."""
    said = wish.dict(exclude_none=True)
    if "active" in said:
        said["is_active"] = said.pop("active")
    for name, value in said.items():
        setattr(hook, name, value)
    hook.full_clean()
    hook.save()


@router.get(
    "/webhooks",
    response=answers(Page[WebhookOut]),
    **needs(TokenScope.MANAGE, "rendering.view_webhook"),
    summary="List webhooks",
)
def list_webhooks(request: HttpRequest, wanted: Query[ListWanted]) -> HttpResponse:
    return page(wanted, Webhook.objects.all(), WebhookOut, document, changed=("created",))


@router.post(
    "/webhooks",
    response=answers(WebhookSecretOut, status=201),
    **needs(TokenScope.MANAGE, "rendering.add_webhook"),
    summary="Make a webhook",
)
def make_webhook(request: HttpRequest, wish: WebhookWish) -> HttpResponse:
    hook = Webhook()
    _saved(hook, wish)
    return one(WebhookSecretOut, {**document(hook), "secret": hook.secret}, 201)


@router.get(
    "/webhooks/{id}",
    response=answers(WebhookOut, 404),
    **needs(TokenScope.MANAGE, "rendering.view_webhook"),
    summary="Show a webhook",
)
def show_webhook(request: HttpRequest, id: RowId) -> HttpResponse:
    return one(WebhookOut, document(_webhook(id)))


@router.patch(
    "/webhooks/{id}",
    response=answers(WebhookOut, 404),
    **needs(TokenScope.MANAGE, "rendering.change_webhook"),
    summary="Change a webhook",
)
def change_webhook(request: HttpRequest, id: RowId, wish: WebhookChange) -> HttpResponse:
    hook = _webhook(id)
    _saved(hook, wish)
    return one(WebhookOut, document(hook))


@router.delete(
    "/webhooks/{id}",
    response=answers(None, 404, status=204),
    **needs(TokenScope.MANAGE, "rendering.delete_webhook"),
    summary="Delete a webhook, what waits for it and its log",
)
def delete_webhook(request: HttpRequest, id: RowId) -> HttpResponse:
    _webhook(id).delete()
    return HttpResponse(status=204)


@router.post(
    "/webhooks/{id}/rotate",
    response=answers(WebhookSecretOut, 404),
    **needs(TokenScope.MANAGE, "rendering.change_webhook"),
    summary="Give a webhook a new secret",
)
def rotate_webhook(request: HttpRequest, id: RowId) -> HttpResponse:
    """For a day messages are signed with the old one as well."""
    hook = _webhook(id)
    hook.rotate()
    return one(WebhookSecretOut, {**document(hook), "secret": hook.secret})


@router.post(
    "/webhooks/{id}/test",
    response=answers(DeliveryOut, 404, status=202),
    **needs(TokenScope.MANAGE, "rendering.change_webhook"),
    summary="Send a test message",
)
def test_webhook(request: HttpRequest, id: RowId) -> HttpResponse:
    """It is sent within a minute, also to a webhook that is off; see its deliveries."""
    return one(DeliveryOut, delivery_document(notifications.send_test(_webhook(id))), 202)


@router.get(
    "/webhooks/{id}/deliveries",
    response=answers(Page[DeliveryOut], 404),
    **needs(TokenScope.MANAGE, "rendering.view_webhook"),
    summary="List the messages of a webhook with each attempt",
)
def list_deliveries(request: HttpRequest, id: RowId, wanted: Query[ListWanted]) -> HttpResponse:
    rows = _webhook(id).notifications.defer("body").prefetch_related("tries")
    return page(wanted, rows, DeliveryOut, delivery_document, changed=("created", "sent"))


def _webhook(pk: int) -> Webhook:
    hook: Webhook = found(Webhook.objects.all(), "webhook", pk=pk)
    return hook
