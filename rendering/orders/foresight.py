"""The preview of an order: what it would do, before it is placed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from media_assets.models import CadFile, Product
from media_assets.models.batches import batches
from rendering.models import Order, OrderLine
from rendering.models.sentence import Sentence
from rendering.models.steps import Step, Verdict
from rendering.orders import parts
from rendering.orders.drafting import Wish, draft
from rendering.orders.placing import wrong_with
from rendering.orders.refused import OrderRefused
from rendering.orders.steps import Making, Run, judge, rows_of
from rendering.queue.retry import HOPELESS_CAD


class Outlook(TextChoices):
    """The preview of a wish, cheapest first."""

    CACHED = "cached", gettext_lazy("Exists already")
    RUNNING = "running", gettext_lazy("In progress already")
    DERIVED = "derived", gettext_lazy("Derived, without a render")
    NEW = "new", gettext_lazy("Rendered")
    HOPELESS = "hopeless", gettext_lazy("Fails: its CAD file can't be read")


def foresee(wishes: Sequence[Wish]) -> list[Outlook]:
    """Return what would become of each wish if they were ordered together now; nothing is written.

    Raises OrderRefused where there is no Blender.
    """
    try:
        lines, _, found = draft(Order(), wishes)
    except (BlenderMissing, BlenderTooOld) as error:
        raise OrderRefused(str(error)) from error
    keys = sorted({line.recipe_key for line in lines})
    live = {
        key
        for some in batches(keys)
        for key in OrderLine.objects.live().filter(recipe_key__in=some).values_list("recipe_key", flat=True)
    }
    outlooks = []
    for line, ready in zip(lines, found, strict=True):
        if ready.file:
            outlook = Outlook.CACHED
        elif line.recipe_key in live:
            outlook = Outlook.RUNNING
        elif not (ready.master or ready.geometry) and _is_hopeless(line.cad_file):
            outlook = Outlook.HOPELESS
        elif line.source == OrderLine.Source.DERIVED:
            outlook = Outlook.DERIVED
        else:
            outlook = Outlook.NEW
        outlooks.append(outlook)
    return outlooks


def _is_hopeless(cad_file: CadFile) -> bool:
    return cad_file.state == CadFile.State.FAILED and cad_file.error_code in HOPELESS_CAD


@dataclass(frozen=True)
class Foreseen:
    """What a step would do for a product: its outlook, or why it would be skipped or wait."""

    product: Product
    number: int
    step: Step
    verdict: Verdict
    reason: Sentence | None
    outlook: Outlook | None = None  # of a picture that would be ordered


def foresee_run(run: Run) -> list[Foreseen]:
    """Return what each step of a workflow would do for each product now; nothing is written.

    Raises OrderRefused where there is no Blender, or where a product has no CAD file.
    """
    for product in run.products:
        if wrong := wrong_with(product):
            raise OrderRefused(wrong)
    making = Making.of(run.version)
    judged = list(judge(making, rows_of(Order(), run)))
    wishes = [
        ((row.product.pk, row.number), wish)
        for row, step, verdict, _ in judged
        if verdict == Verdict.RUN and (made := making.output_type(step))
        for wish in parts.each_part([Wish(row.product, made, run.force)])
    ]
    outlooks: dict[tuple[int, int], Outlook] = {}
    for (key, _wish), outlook in zip(
        wishes, foresee([wish for _, wish in wishes]) if wishes else (), strict=True
    ):
        outlooks[key] = max(outlook, outlooks.get(key, outlook), key=list(Outlook).index)
    found = [
        Foreseen(row.product, row.number, step, verdict, reason, outlooks.get((row.product.pk, row.number)))
        for row, step, verdict, reason in judged
    ]
    return sorted(found, key=lambda one: (one.product.number, one.number))
