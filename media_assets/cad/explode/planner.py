"""How an assembly comes apart, with the distances at which it can be seen. NumPy only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from media_assets.cad.explode.checking import Meeting, check
from media_assets.cad.explode.dividing import Divider
from media_assets.cad.explode.opening import Opener, Opening
from media_assets.cad.explode.placing import StackMoves, stacked
from media_assets.cad.explode.plan import ExplodePlan, ExplodeStep, Leader
from media_assets.cad.explode.seen import shares
from media_assets.cad.explode.solids import Assembly, Floats
from media_assets.cad.explode.wanted import Change, Explosion, vector

ENOUGH = 0.3
"""Of its own silhouette one copy of each product must show."""

_TRIES = 6
_MORE = 1.6
_ROUNDS = 4
"""So often it is planned again with what was met on the way."""


def plan(assembly: Assembly, wanted: Explosion, exact: dict[int, Floats] | None = None) -> ExplodePlan:
    """Return how an assembly comes apart; ``exact`` are the directions of shapes whose faces are known, by number."""
    if len(assembly.parts) < 2:
        return ExplodePlan(parts=len(assembly.parts))
    divider = Divider(assembly, exact)
    keys = [part.key for part in assembly.parts]
    for _ in range(_ROUNDS):
        opener = Opener(divider, wanted.depth, is_forced=wanted.forced)
        best = _seen_best(opener.open(assembly.root, 1), assembly, wanted.spread, keys)
        checked = check(assembly, best.steps, divider.threads)
        met = [one for one in checked.meetings if not _is_known(opener, one)]
        news = [divider.learn(one.direction, one.lower, one.upper) for one in met]
        if not any(news):
            break
    return replace(
        best,
        parts=len(keys),
        steps=changed(best.steps, wanted.changes, set(keys)),
        interlocked=tuple(tuple(keys[part] for part in group) for group in opener.interlocked),
        inside=tuple(
            (keys[one], keys[other], share) for (one, other), share in sorted(opener.inside.items())
        ),
        colliding=tuple(sorted({(keys[one.lower], keys[one.upper]) for one in met})),
        checked=round(checked.share, 3),
    )


def _is_known(opener: Opener, met: Meeting) -> bool:
    """Return whether two parts are said to be interlocked, or inside of each other, and so move through each other."""
    pair = (met.lower, met.upper)
    if pair in opener.inside or pair[::-1] in opener.inside:
        return True
    return any(np.isin(pair, group).all() for group in opener.interlocked)


def _seen_best(
    openings: Sequence[Opening], assembly: Assembly, spread: float, keys: list[str]
) -> ExplodePlan:
    """Return the steps at distances at which most products can be seen."""
    best, fewest = ExplodePlan(), len(keys) + 1
    lift = np.ones(len(keys))
    for _ in range(_TRIES):
        offsets = np.zeros((len(keys), 3))
        steps, leaders = _placed(openings, 1, offsets, lift, spread, keys)
        hidden = _hidden(assembly, offsets)
        if len(hidden) < fewest:
            best, fewest = (
                ExplodePlan(tuple(steps), tuple(leaders), hidden=tuple(sorted(hidden))),
                len(hidden),
            )
        if not hidden or not steps:
            break
        lift[[part.product in hidden for part in assembly.parts]] *= _MORE
    return best


def changed(
    steps: Sequence[ExplodeStep], changes: Sequence[Change], keys: set[str]
) -> tuple[ExplodeStep, ...]:
    """Return the steps as people changed them: other moves for the same parts, none at all, or more steps at the end.

    What is said of parts that this product has no more does not count.
    """
    wanted = {change.parts: change for change in changes}
    found = []
    for step in steps:
        change = wanted.pop(step.parts, None)
        if change is None or any(change.move):
            found.append(replace(step, move=change.move) if change else step)
    last = max((step.stage for step in found), default=0)
    for change in wanted.values():
        parts = tuple(part for part in change.parts if part in keys)
        if parts and any(change.move):
            last += 1
            found.append(ExplodeStep(parts, change.move, last, 1))
    return tuple(found)


def _placed(
    openings: Sequence[Opening], stage: int, offsets: Floats, lift: Floats, spread: float, keys: list[str]
) -> tuple[list[ExplodeStep], list[Leader]]:
    """Return the steps and leaders of openings that happen beside each other, and add to where their parts end."""
    steps: list[ExplodeStep] = []
    leaders: list[Leader] = []
    for opening in openings:
        later, more = [], []
        # What is inside goes first: a layer needs room for all that comes out of it.
        for some in opening.inner:
            found = _placed(some, 0, offsets, lift, spread, keys)
            later += found[0]
            more += found[1]
        moved = stacked(
            replace(
                opening.stack,
                shift=[offsets[some] @ opening.frame.T for some in opening.members],
                lift=[float(lift[some].max()) for some in opening.members],
                spread=spread,
            )
        )
        own = _steps(opening, moved, offsets, keys, stage)
        leaders += _leaders(opening, moved, keys) + more
        first = max((step.stage for step in own), default=stage - 1) + 1
        steps += own + [replace(step, stage=step.stage + first) for step in later]
    return sorted(steps, key=lambda step: step.stage), leaders


def _steps(
    opening: Opening, moved: StackMoves, offsets: Floats, keys: list[str], stage: int
) -> list[ExplodeStep]:
    """Return the steps of one opening, the outermost first, and add to where their parts end."""
    same: dict[tuple[int, float], list[int]] = defaultdict(list)
    for number, far in enumerate(moved.far):
        if far:
            same[moved.turn[number], far].append(number)
    steps = []
    for (turn, far), numbers in sorted(same.items()):
        parts = np.sort(np.concatenate([opening.members[number] for number in numbers]))
        move = far * opening.frame[2]
        offsets[parts] += move
        steps.append(
            ExplodeStep(tuple(keys[part] for part in parts), vector(move), stage + turn, opening.level)
        )
    return steps


def _leaders(opening: Opening, moved: StackMoves, keys: list[str]) -> list[Leader]:
    """Return a line along the way of each layer that is one part."""
    found = []
    for number, far in enumerate(moved.far):
        members, base = opening.members[number], moved.held[number]
        if far and len(members) == 1 and base >= 0:
            center = (opening.stack.low[number][0] + opening.stack.high[number][0]) / 2
            found.append(
                Leader(keys[members[0]], keys[opening.members[base][0]], vector(center @ opening.frame))
            )
    return found


def _hidden(assembly: Assembly, offsets: Floats) -> set[str]:
    """Return the products of which no copy shows enough of itself."""
    most: dict[str, float] = defaultdict(float)
    for part, share in zip(assembly.parts, shares(assembly, offsets).tolist(), strict=True):
        most[part.product] = max(most[part.product], share)
    return {product for product, share in most.items() if share < ENOUGH}
