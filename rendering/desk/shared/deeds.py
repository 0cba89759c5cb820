"""Actions of lists and buttons in the history: which one, on what, and what the page answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import strip_tags

from rendering import history
from rendering.catalog.plan import batches
from rendering.models import HistoryEntry

Verb = HistoryEntry.Verb
HEARD = "_renderdesk_heard"  # on the request: what the page answered so far
MOST = 5000  # objects of one entry
VERBS: dict[str, Verb] = {
    "cancel": Verb.CANCEL,
    "retry": Verb.RETRY,
    "retry_failed": Verb.RETRY,
    "convert_again": Verb.RETRY,
    "pause": Verb.PAUSE,
    "resume": Verb.RESUME,
    "raise_priority": Verb.PRIORITY,
    "render_again": Verb.RERENDER,
    "render_stale": Verb.RERENDER,
    "send_again": Verb.SEND,
    "revoke": Verb.REVOKE,
    "move_up": Verb.CHANGE,
    "move_down": Verb.CHANGE,
}
BY_ITSELF = ("delete_selected",)  # each row that goes says so


def hear(request: HttpRequest, message: str, level: int | str) -> None:
    """Keep an answer of the page, if an action is being watched."""
    heard: list[tuple[str, bool]] | None = getattr(request, HEARD, None)
    if heard is not None:
        heard.append((strip_tags(message), level in (messages.INFO, messages.SUCCESS)))


@contextmanager
def watched(page: Any, request: HttpRequest, listed: QuerySet[Any]) -> Iterator[None]:
    """Write down the action of a POST with what the page answered; not one that only opened a page or did nothing."""
    if request.POST.get("select_across", "0") != "1":
        sent = request.POST.getlist("_selected_action")
        listed = listed.filter(pk__in=[text for text in sent if text.isdigit() and len(text) < 19])
    ids = list(listed.order_by().values_list("pk", flat=True)[:MOST])
    heard: list[tuple[str, bool]] = []
    setattr(request, HEARD, heard)
    try:
        yield
    finally:
        delattr(request, HEARD)
    name = action_of(request)
    if ids and name not in BY_ITSELF and any(did for _, did in heard):
        _write(page, request, name, ids, " ".join(words for words, _ in heard))


def _write(page: Any, request: HttpRequest, name: str, ids: Sequence[int], told: str) -> None:
    verb = VERBS.get(name, Verb.OTHER)
    label = dict(page.get_action_choices(request)).get(name, name)
    words = f"{label}: {told}" if verb in (Verb.OTHER, Verb.CHANGE) else told
    rows = [row for some in batches(ids) for row in page.model._base_manager.filter(pk__in=some)]
    history.record(verb, rows, words=words)


def action_of(request: HttpRequest) -> str:
    """Return the action that Django takes of a POST: there is a menu above and one below the list."""
    names = request.POST.getlist("action")
    index = request.POST.get("index", "0")
    number = int(index) if index.isdigit() else 0
    return names[number] if number < len(names) else next(iter(names), "")
