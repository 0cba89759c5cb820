"""Why an order is not taken."""

from __future__ import annotations

from rendering.models.sentence import Sentence


class OrderRefused(Exception):
    """The order can't be taken as it is; the message says why and what to do.

    One that a step of a workflow may be skipped for is kept as a sentence.
    """

    def __init__(self, why: str | Sentence) -> None:
        super().__init__(str(why))
        self.why = why if isinstance(why, Sentence) else Sentence.of("{error}", error=why)
