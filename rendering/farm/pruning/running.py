"""A run: all that the rules let go, files without a row, and old rows. The system settings hold the result.

The command does all of it at once. For the page and the schedule the control cluster, which has other work too, does it
in slices; what was asked for and not done yet is a field of the row, so that a lost message delays it by a minute.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import transaction
from django.utils import timezone

from gpu.models import SystemSettings
from gpu.queues import wake
from media_assets import storage
from rendering.farm.pruning import orphans
from rendering.farm.pruning.deleting import BATCH, delete
from rendering.farm.pruning.planning import Going, make_plan
from rendering.queue import leftovers

TASK = "rendering.tasks.prune"
NOTED_SECONDS = 1.0
SLICE_SECONDS = 40.0  # the control cluster ends a task after 100
OVERDUE = timedelta(minutes=3)  # asked for, and no slice has said anything for so long: its message was lost
BY_SCHEDULE = "schedule"


@dataclass
class Outcome:
    """What a run has done so far: files and bytes by rule, seconds to make all again, rows; and what went wrong."""

    by: str
    started: str
    noted: str = ""
    finished: str = ""
    files: dict[str, int] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    rows: dict[str, int] = field(default_factory=dict)
    trouble: str = ""
    place: str = ""  # where the search for files without a row goes on
    gone: list[Going] = field(default_factory=list)  # of this process, as is *said*; not kept
    said: float = 0.0  # when it was last noted, by the monotonic clock

    @classmethod
    def new(cls, by: str) -> Self:
        return cls(by=by, started=timezone.now().isoformat())

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> Self:
        return cls(**document)

    @property
    def all_files(self) -> int:
        return sum(self.files.values())

    @property
    def all_bytes(self) -> int:
        return sum(self.bytes.values())

    @property
    def ended(self) -> datetime | None:
        """When it finished; None while it goes on."""
        return datetime.fromisoformat(self.finished) if self.finished else None

    def add(self, one: Going, freed: int) -> None:
        self.files[one.rule] = self.files.get(one.rule, 0) + 1
        self.bytes[one.rule] = self.bytes.get(one.rule, 0) + freed
        self.seconds = round(self.seconds + (one.seconds or 0.0), 3)
        self.gone.append(one)

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("gone", "said")}


class _Pause(Exception):
    """The slice is over."""


def last_outcome(row: SystemSettings) -> Outcome | None:
    """Return what the last run did, or does now; None where there was none."""
    return Outcome.from_json(row.prune_last_result) if row.prune_last_result else None


def request(by: str) -> bool:
    """Have the control cluster prune soon; return False where that was asked for already."""
    SystemSettings.load()
    with transaction.atomic():
        fresh = {"prune_requested_at": timezone.now(), "prune_last_result": Outcome.new(by).to_json()}
        is_new = SystemSettings.objects.filter(pk=1, prune_requested_at=None).update(**fresh)
        if is_new:
            wake.call(TASK)
    return bool(is_new)


def request_daily() -> bool:
    """Ask for a prune if the system settings say that it is done every day."""
    return SystemSettings.load().prune_daily and request(BY_SCHEDULE)


def look_for_overdue() -> None:
    """Call for a prune again whose message was lost or whose worker died."""
    row = SystemSettings.load()
    if row.prune_requested_at is None:
        return
    before = last_outcome(row)
    noted = datetime.fromisoformat(before.noted) if before and before.noted else row.prune_requested_at
    if timezone.now() - noted > OVERDUE:
        wake.call(TASK)


def go_on(seconds: float = SLICE_SECONDS) -> int:
    """Do a slice of the prune that was asked for; return how many files went. Calls for the next slice."""
    row = SystemSettings.load()
    if row.prune_requested_at is None:
        return 0
    outcome = last_outcome(row) or Outcome.new(BY_SCHEDULE)
    before = outcome.all_files
    has_ended = _work(outcome, time.monotonic() + seconds)
    if has_ended:
        SystemSettings.objects.filter(pk=1).update(prune_requested_at=None)
    else:
        wake.call(TASK)
    return outcome.all_files - before


def run(by: str) -> tuple[Outcome, list[Going]]:
    """Prune now, all of it; return the result, and each file that went."""
    outcome = Outcome.new(by)
    _work(outcome, None)
    return outcome, outcome.gone


def _work(outcome: Outcome, until: float | None) -> bool:
    """Go on with a run until it has ended or the clock says *until*; return whether it has ended."""
    SystemSettings.load()
    try:
        outcome.trouble = storage.media_trouble()
        if not outcome.trouble:
            _delete_all(outcome, until)
        outcome.rows = dict(Counter(outcome.rows) + Counter(leftovers.drop()))
    except _Pause:
        _note(outcome, until)
        return False
    except OSError as error:
        outcome.trouble = error.strerror or str(error)
    outcome.finished = timezone.now().isoformat()
    _note(outcome, until)
    return True


def _delete_all(outcome: Outcome, until: float | None) -> None:
    """Delete what goes, plan by plan, then the files without a row. Raises _Pause, OSError."""
    while True:
        plan = make_plan()
        before = outcome.all_files
        _delete(outcome, plan.going, until)
        if not plan.has_more or outcome.all_files == before:
            break
    storage.tidy()
    for place, lost in orphans.found(outcome.place):
        _delete(outcome, lost, until)
        outcome.place = place
        _pause_if_over(outcome, until)


def _delete(outcome: Outcome, going: Sequence[Going], until: float | None) -> None:
    for start in range(0, len(going), BATCH):
        for one, freed in delete(going[start : start + BATCH]):
            outcome.add(one, freed)
        _pause_if_over(outcome, until)


def _pause_if_over(outcome: Outcome, until: float | None) -> None:
    """Let others see now and then how far a run is. Raises _Pause when its slice is over."""
    if until is None:
        return
    now = time.monotonic()
    if now - outcome.said > NOTED_SECONDS:
        outcome.said = now
        _note(outcome, until)
    if now > until:
        raise _Pause


def _note(outcome: Outcome, until: float | None) -> None:
    """Keep what was done so far; a run at once leaves one that goes on in slices its place."""
    outcome.noted = timezone.now().isoformat()
    place = SystemSettings.objects.filter(pk=1)
    if until is None:
        place = place.filter(prune_requested_at=None)
    place.update(prune_last_result=outcome.to_json())
