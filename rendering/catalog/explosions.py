"""The exploded view that an output type asks for, and how it is shown."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from blender_scripts.contract import Unfolding
from media_assets.cad.explode.plan import ExplodePlan
from media_assets.cad.explode.wanted import Explosion
from media_assets.ingest import explosions
from media_assets.models import ExplodedView
from rendering.catalog.counting import counted, counts
from rendering.models import OutputType

NAMED = 12  # parts that are named of a group


def explosion_of(output_type: OutputType, view: ExplodedView | None = None) -> Explosion | None:
    """Return how *output_type* takes a product apart of which people said this; None where it does not."""
    if not output_type.exploded or not counts(output_type, "exploded"):
        return None
    is_forced = output_type.exploded == OutputType.ExplodedKind.FORCED
    return explosions.explosion(view, depth=output_type.exploded_depth, forced=is_forced)


def unfolding_of(output_type: OutputType) -> Unfolding:
    """Return how pictures of *output_type* show what was taken apart."""
    return Unfolding(
        lines=counted(output_type, "exploded_lines", False),
        motion=counted(output_type, "exploded_motion", OutputType.Motion.TURN),
    )


def shortcomings(plan: ExplodePlan) -> list[str]:
    """Return in words what could not be done as one would wish."""
    found = []
    if plan.parts == 1:
        found.append(_("It is one part: there is nothing to take apart, and it is shown as it is."))
    elif not plan.steps and not plan.interlocked:
        found.append(
            _(
                "Nothing was taken apart: its parts do not touch, or stay together at this depth. They stay in place."
            )
        )
    found += [
        _("No straight movement separates these parts, so they stay together: %(parts)s.")
        % {"parts": _named(group)}
        for group in plan.interlocked
    ]
    if plan.inside:
        pairs = _pairs([(one, other) for one, other, _share in plan.inside])
        words = _("These parts reach into each other in the file, and move through each other: %(parts)s.")
        found.append(words % {"parts": pairs})
    if plan.colliding:
        pairs = _pairs(plan.colliding)
        found.append(_("These parts run into each other on their way: %(parts)s.") % {"parts": pairs})
    if plan.checked is not None and plan.checked < 1:
        words = _("The check for collisions reached its limit after %(share)s of the stages.")
        found.append(words % {"share": f"{int(100 * plan.checked)} %"})
    if plan.hidden:
        words = _("Even so, less than a third of these can be seen from the usual side: %(parts)s.")
        found.append(words % {"parts": _named(plan.hidden)})
    return found


def _pairs(pairs: Sequence[tuple[str, str]]) -> str:
    names = ", ".join(f"{_short(one)} – {_short(other)}" for one, other in pairs[:NAMED])
    return names + ("…" if len(pairs) > NAMED else "")


def _named(keys: Sequence[str]) -> str:
    names = list(dict.fromkeys(_short(key) for key in keys))
    return ", ".join(names[:NAMED]) + ("…" if len(names) > NAMED else "")


def _short(key: str) -> str:
    """Return the name in a part key, without the number of a copy."""
    return key.rpartition("/")[2].partition("#")[0]
