"""Signals of orders for other rooms: history and notifications listen, in the transaction that sends them."""

from __future__ import annotations

from django.dispatch import Signal

order_placed = Signal()  # order: with its lines
order_ended = Signal()  # order: with the time it finished; counts: lines by state
lines_ended = Signal()  # lines: those that were delivered or failed, as they are stored now
# review; lines: the newest that delivered the picture; is_first_approval: nobody had approved these bytes before
picture_judged = Signal()
job_ended = Signal()  # job: with its end, after its lines have moved on
# verb: archive, restore or delete; rows: of one model, still there; along: what goes with them; words: what of theirs
put_away = Signal()
