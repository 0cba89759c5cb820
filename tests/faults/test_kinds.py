"""The registry of kinds, and the plan that follows from a seed."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from rendering.queue.retry import RULES
from tests.faults.kinds import KINDS
from tests.faults.registry import Kind
from tests.faults.run import chosen
from tests.faults.schedule import GAPS, planned


@pytest.mark.parametrize("one", KINDS.values(), ids=list(KINDS))
def test_each_kind_says_in_a_line_what_it_does_and_excuses_codes_that_exist(one: Kind) -> None:
    assert one.words and "\n" not in one.words
    assert one.excuses <= set(RULES)


def test_nothing_excuses_a_defect_or_a_storage_that_was_away() -> None:
    excused = set().union(*(one.excuses for one in KINDS.values()))
    assert not excused & {"internal", "disk_full", "media_read_only", "source_missing"}


def test_the_same_seed_is_the_same_faults_at_the_same_seconds() -> None:
    assert planned(7, 600, list(KINDS)) == planned(7, 600, list(reversed(KINDS)))
    assert planned(7, 600, list(KINDS)) != planned(8, 600, list(KINDS))
    assert planned(7, 60, list(KINDS)) == planned(7, 600, list(KINDS))[: len(planned(7, 60, list(KINDS)))]


def test_each_kind_comes_equally_often_and_an_hour_has_twenty_of_each() -> None:
    hour = planned(1, 3600, list(KINDS))
    counts = Counter(one.kind for one in hour)
    assert set(counts) == set(KINDS)
    assert max(counts.values()) - min(counts.values()) <= 1
    assert min(counts.values()) >= 20
    assert all(one.at < 3600 for one in hour)
    pauses = [later.at - one.at for one, later in pairwise(hour)]
    assert min(pauses) >= GAPS[0] - 0.02 and max(pauses) <= GAPS[1] + 0.02


def test_kinds_are_chosen_by_name() -> None:
    assert list(chosen(["kill_blender"], KINDS)) == ["kill_blender"]
    assert chosen([], KINDS) == KINDS
    with pytest.raises(KeyError, match="no kind of fault is called fire"):
        chosen(["fire"], KINDS)
