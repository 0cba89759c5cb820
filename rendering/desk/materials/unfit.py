"""Rules of a product that fit no part of its current CAD file, as after a revision that calls parts otherwise."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from blender_scripts.finish_choice import Chooser
from blender_scripts.finish_rules import PlacedPart
from media_assets.models import CadFile, Product, ProductRevision
from rendering.catalog.materials import parts_of
from rendering.models import Finish, MaterialRule

MOST = 5  # rules that are explained


def words(product: Product) -> list[str]:
    """Return for each active rule of *product* that fits no part what has become of the parts that it was for."""
    if product.cad_file is None or not product.cad_file.tree:
        return []
    own = MaterialRule.objects.filter(product=product, is_active=True).select_related(
        "finish", "variant", "product"
    )
    rules = [rule for rule in own if not rule.problem] + _hiding(product)
    now = list(parts_of(product.cad_file.tree)) if rules else []
    lost = [rule for rule in rules if not _fitted(rule, now)]
    before = _earlier(product) if lost else []
    return [_said(rule, before, now) for rule in lost[:MOST]]


def _hiding(product: Product) -> list[MaterialRule]:
    """Return what the variants of *product* hide, as if they were rules."""
    hidden = Finish(name=_("hidden"), slug="hidden")
    return [
        MaterialRule(product=product, variant=variant, finish=hidden, **conditions)
        for variant in product.variants.all()
        for conditions in variant.hidden
    ]


def _earlier(product: Product) -> list[PlacedPart]:
    """Return the parts of the revision before the current one."""
    files = ProductRevision.objects.filter(product=product).exclude(cad_file=product.cad_file)
    newest = files.order_by("-number").values_list("cad_file", flat=True).first()
    file = CadFile.objects.filter(pk=newest).first() if newest else None
    return list(parts_of(file.tree)) if file and file.tree else []


def _said(rule: MaterialRule, before: Sequence[PlacedPart], now: Sequence[PlacedPart]) -> str:
    name = rule.label if rule.pk else _("variant %(variant)s") % {"variant": rule.variant}
    said = {"rule": capfirst(name), "conditions": rule.conditions(), "finish": rule.finish}
    fitted = _fitted(rule, before)
    if not fitted:
        return _("%(rule)s (%(conditions)s: %(finish)s) fits no part.") % said
    new = _renamed(fitted[0], before, now)
    if new:
        words = _(
            "%(rule)s (%(conditions)s: %(finish)s) fits no part any more: part %(old)s is now called %(new)s."
        )
        return words % {**said, "old": told(fitted[0]), "new": new}
    words = _("%(rule)s (%(conditions)s: %(finish)s) fits no part any more: part %(old)s is gone.")
    return words % {**said, "old": told(fitted[0])}


def told(part: PlacedPart) -> str:
    """Return what like parts have in common: a file may number each place of one component."""
    return part.product or part.name


def _fitted(rule: MaterialRule, parts: Sequence[PlacedPart]) -> list[PlacedPart]:
    alone = Chooser([rule.as_form()])
    return [part for part in parts if alone.choose(part) == 0]


def _renamed(old: PlacedPart, before: Sequence[PlacedPart], now: Sequence[PlacedPart]) -> str:
    """Return the new name in place of *old*: as often placed, in the same color and material; "" where none is alone.

    Only names that the earlier file did not have come into question.
    """
    wanted = _traits(before)[told(old)]
    known = {told(part) for part in before}
    found = [name for name, traits in _traits(now).items() if name not in known and traits == wanted]
    return found[0] if len(found) == 1 else ""


def _traits(parts: Sequence[PlacedPart]) -> Mapping[str, Counter[Any]]:
    found: dict[str, Counter[Any]] = {}
    for part in parts:
        found.setdefault(told(part), Counter())[part.color, part.material] += 1
    return found
