"""Why an order is not taken."""

from __future__ import annotations


class OrderRefused(Exception):
    """The order can't be taken as it is; the message says why and what to do."""
