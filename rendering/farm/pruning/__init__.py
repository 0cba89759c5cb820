"""Throwing files away: what the rules of the system settings let go, why, and what it would cost to make it again.

`rules` says which files there are and which rules they have, `needed` what must stay whatever a rule says, `planning`
what would go, `deleting` deletes it, `orphans` finds files that no row refers to, `running` does all of it, at once or
in slices of a minute.
"""

from rendering.farm.pruning.orphans import lost
from rendering.farm.pruning.planning import Going, Plan, Reason, make_plan
from rendering.farm.pruning.rules import RULES, Total, totals
from rendering.farm.pruning.running import (
    BY_SCHEDULE,
    Outcome,
    go_on,
    last_outcome,
    look_for_overdue,
    request,
    request_daily,
    run,
)

__all__ = [
    "BY_SCHEDULE",
    "RULES",
    "Going",
    "Outcome",
    "Plan",
    "Reason",
    "Total",
    "go_on",
    "last_outcome",
    "look_for_overdue",
    "lost",
    "make_plan",
    "request",
    "request_daily",
    "run",
    "totals",
]
