"""Every way in which orders are notified of, by the registry that names them."""

from __future__ import annotations

from typing import Any

import pytest

from rendering import tasks
from rendering.delivery.notifications import channels, receivers, sending
from rendering.delivery.notifications.channels import CHANNELS, channel_of
from rendering.delivery.notifications.channels.base import Channel
from rendering.delivery.notifications.channels.email import CHOSEN_BY
from rendering.delivery.notifications.reach import NotTaken
from rendering.models import Event, NewsChoice, Notification, Order, Webhook
from rendering.models.event import OFFERED
from tests import factories
from tests.rendering.steps import ends, order

pytestmark = [pytest.mark.django_db, pytest.mark.database]


class Board(Channel):
    """A channel of its own, which pins notifications to a board for as long as that has room."""

    label = "Board"
    column = "email"

    def __init__(self) -> None:
        self.pinned: list[Notification] = []
        self.has_room = True

    def receivers(self, order: Order | None, event: Event) -> list[Notification]:
        return [Notification(email="board@example.com")]

    def send(self, notification: Notification) -> None:
        if not self.has_room:
            raise NotTaken("The board is full.")
        self.pinned.append(notification)


def test_every_channel_keeps_its_receivers_in_a_column_of_its_own() -> None:
    columns = {field.attname for field in Notification._meta.fields}
    assert {channel.column for channel in CHANNELS} <= columns
    assert (
        len({channel.column for channel in CHANNELS})
        == len({str(one.label) for one in CHANNELS})
        == len(CHANNELS)
    )


def test_every_event_can_be_chosen_but_the_test_which_a_button_sends() -> None:
    assert OFFERED.keys() == set(Event) - {Event.TEST}
    assert {field.name for field in NewsChoice._meta.fields} >= set(CHOSEN_BY.values())
    assert all(facts.help for facts in OFFERED.values())


def test_a_notification_goes_through_the_channel_of_its_receiver() -> None:
    hook = Webhook.objects.create(name="shop", url="http://127.0.0.1:1/")
    assert str(channel_of(Notification(webhook=hook)).label) == "Webhook"
    assert str(channel_of(Notification(email="a@example.com")).label) == "E-mail"


def test_another_channel_is_one_entry_of_the_registry(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board()
    for module in (channels, receivers, sending):
        monkeypatch.setattr(module, "CHANNELS", (board,))
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    placed = order(product, "draft")
    ends(tmp_path)
    board.has_room = False
    assert tasks.tell() == 0
    assert Notification.objects.get().error == "The board is full."
    board.has_room = True
    sending.again(Notification.objects.all())
    assert tasks.tell() == 1
    assert [one.order for one in board.pinned] == [placed]
