"""The messages of the pages that place orders."""

from __future__ import annotations

from django.utils.translation import ngettext

from rendering.models import Order


def placed(order: Order, lines: int) -> str:
    """Return the message that an order was placed."""
    words = ngettext("%(order)s placed: %(count)d line.", "%(order)s placed: %(count)d lines.", lines)
    return words % {"order": order, "count": lines}


def placed_again(order: Order, pictures: int) -> str:
    """Return the message that an order was placed that renders pictures again."""
    words = ngettext(
        "%(order)s placed: %(count)d picture will be rendered again.",
        "%(order)s placed: %(count)d pictures will be rendered again.",
        pictures,
    )
    return words % {"order": order, "count": pictures}
