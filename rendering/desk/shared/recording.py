"""Records actions of lists and buttons in the history: the action, its objects, and the answer of the page."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import strip_tags

from media_assets.models.batches import batches
from rendering import history
from rendering.models import HistoryEntry

Verb = HistoryEntry.Verb
ANSWERS = "_renderdesk_answers"  # on the request: what the page answered so far, and whether that says that it did it
MOST = 5000  # objects of one entry
VERBS: dict[str, Verb] = {
    **{verb.value: verb for verb in (Verb.CANCEL, Verb.RETRY, Verb.PAUSE, Verb.RESUME, Verb.REVOKE)},
    "retry_failed": Verb.RETRY,
    "retry_canceled": Verb.RETRY,
    "try_now": Verb.RETRY,
    "convert_again": Verb.RETRY,
    "raise_priority": Verb.PRIORITY,
    "render_again": Verb.RERENDER,
    "render_stale": Verb.RERENDER,
    "send_again": Verb.SEND,
    "send_test": Verb.SEND,
    "move_up": Verb.CHANGE,
    "move_down": Verb.CHANGE,
}
BY_ITSELF = ("delete_selected", "archive", "restore", "delete_archived")  # what does it says so


def answered(request: HttpRequest, message: str, level: int | str) -> None:
    """Keep an answer of the page, if an action is being recorded."""
    answers: list[tuple[str, bool]] = getattr(request, ANSWERS, [])
    answers.append((strip_tags(message), level in (messages.INFO, messages.SUCCESS)))


def recorded(name: str, label: str, action: Callable[..., Any]) -> Callable[..., Any]:
    """Return *action* so that it is an entry with the page's answer, unless it only opened a page or did nothing."""
    if name in BY_ITSELF:
        return action

    @wraps(action)
    def run(page: Any, request: HttpRequest, chosen: QuerySet[Any]) -> Any:
        ids = list(chosen.order_by().values_list("pk", flat=True)[:MOST])
        answers: list[tuple[str, bool]] = []
        setattr(request, ANSWERS, answers)
        response = action(page, request, chosen)
        if any(did for _, did in answers):
            verb, words = VERBS.get(name, Verb.OTHER), " ".join(said for said, _ in answers)
            rows = [row for some in batches(ids) for row in page.model._base_manager.filter(pk__in=some)]
            is_named = verb not in (Verb.OTHER, Verb.CHANGE)
            history.record(verb, rows, words=words if is_named else f"{label}: {words}")
        return response

    return run
