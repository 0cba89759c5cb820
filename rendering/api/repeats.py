"""Idempotency-Key: a request that is sent again, as after a lost answer, is done once and answered the same."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _

from rendering.api.access import token_of
from rendering.api.problems import ApiRefused
from rendering.models import ApiRequest


def once(
    request: HttpRequest, key: str, wish: Any, act: Callable[[], tuple[int, dict[str, Any]]]
) -> HttpResponse:
    """Return the answer of *act*, its status and document; with a *key* that was used before, the answer of then.

    The answer and what *act* wrote are committed together; where *act* raises, its key is free again.
    """
    if not key:
        status, document = act()
        return JsonResponse(document, status=status)
    token, mark = token_of(request), _fingerprint(request, wish)
    try:
        with transaction.atomic():
            # Another request with this key waits here until the first has ended.
            row = ApiRequest.objects.create(token=token, key=key, fingerprint=mark)
            row.status, row.answer = act()
            row.save(update_fields=["status", "answer"])
    except IntegrityError:
        found = ApiRequest.objects.filter(token=token, key=key).first()
        if found is None:
            raise
        if found.fingerprint != mark:
            words = _("This Idempotency-Key was used for another request.")
            raise ApiRefused(
                422, "idempotency_key_reused", words, _("Use a new key for a new request.")
            ) from None
        return JsonResponse(found.answer, status=found.status, headers={"Idempotency-Replayed": "true"})
    return JsonResponse(row.answer, status=row.status)


def _fingerprint(request: HttpRequest, wish: Any) -> str:
    content = json.dumps(wish.model_dump(mode="json"), sort_keys=True)
    return hashlib.sha256(f"{request.method} {request.path} {content}".encode()).hexdigest()
