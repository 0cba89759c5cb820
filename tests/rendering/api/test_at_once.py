"""The same order from many programs at once, with one Idempotency-Key."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from rendering.api.access import Pace
from rendering.models import Order
from tests import factories
from tests.rendering.api.conftest import Program

pytestmark = [pytest.mark.django_db(transaction=True, serialized_rollback=True), pytest.mark.database]


AT_ONCE = int(os.environ.get("RENDERDESK_AT_ONCE", "100"))  # 1,000 take minutes on SQLite


def test_one_order_is_made_and_everybody_gets_its_answer(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pace, "allow_request", lambda *_: True)
    product, kind, client = factories.product(), factories.output_type(), program()
    wish = json.dumps({"products": [product.number], "output_types": [kind.slug]})

    def send(_: int) -> tuple[int, str]:
        try:
            answer = client.post(
                "/api/v1/orders", wish, "application/json", headers={"Idempotency-Key": "pim-1"}
            )
            return answer.status_code, json.dumps(answer.json(), sort_keys=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as senders:
        answers = set(senders.map(send, range(AT_ONCE)))
    assert Order.objects.count() == 1, answers
    assert [status for status, _ in answers] == [201]
