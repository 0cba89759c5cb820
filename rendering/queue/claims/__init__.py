"""The only writer of a job's state. Each verb is a conditional UPDATE; its row count says whether it happened.

A claim hands out a token; every later write carries it, so a worker that lost its lease can change nothing.
Lease times are the database's clock, so hosts need not agree on theirs.
"""

from rendering.queue.claims.ending import cancel_running, fail, hand_back, lose, release, succeed
from rendering.queue.claims.held import give_up, let_go
from rendering.queue.claims.holding import Claim, lease_end, renew, storable
from rendering.queue.claims.making import create, create_all
from rendering.queue.claims.pausing import hold_new, hold_or_free, is_held
from rendering.queue.claims.steering import cancel, retry, set_priority
from rendering.queue.claims.taking import claim, more_urgent
from rendering.queue.claims.watching import bring_back, overdue, pump, running

__all__ = [
    "Claim",
    "bring_back",
    "cancel",
    "cancel_running",
    "claim",
    "create",
    "create_all",
    "fail",
    "give_up",
    "hand_back",
    "hold_new",
    "hold_or_free",
    "is_held",
    "lease_end",
    "let_go",
    "lose",
    "more_urgent",
    "overdue",
    "pump",
    "release",
    "renew",
    "retry",
    "running",
    "set_priority",
    "storable",
    "succeed",
]
