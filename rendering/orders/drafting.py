"""The lines of an order: drafted all at once, made with the jobs they need."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from media_assets.models import CadFile, Product, clock
from media_assets.models.batches import BATCH, batches
from media_assets.recipes import recipe_key
from rendering.catalog import plan
from rendering.catalog.asks import Ask
from rendering.catalog.plan import Found
from rendering.catalog.recipes import Recipes
from rendering.models import Job, Order, OrderLine, OutputType, Variant
from rendering.models.order import DeliverableKey
from rendering.models.variant import name_of
from rendering.orders import films
from rendering.orders.lines import attach, look, note_ends, settle


@dataclass(frozen=True)
class Wish:
    """One product, or its *variant*, in one output type; *force* renders it again though it exists.

    *part* is the key of the part that is pictured, for output types that show each; "" is all of them.
    *lead* is what its jobs are ahead of the order's priority by; None: by its kind, as a thumbnail is.
    """

    product: Product
    output_type: OutputType
    force: bool = False
    lead: int | None = None
    variant: Variant | None = None
    part: str = ""

    @property
    def key(self) -> DeliverableKey:
        return self.product.pk, self.output_type.pk, self.variant.pk if self.variant else 0, self.part

    @property
    def name(self) -> str:
        return name_of(self.product, self.variant, self.part)


def each_once(wishes: Iterable[Wish]) -> list[Wish]:
    """Return *wishes* without those for the same thing: forced if any of them is, with the first lead that is said."""
    found: dict[DeliverableKey, Wish] = {}
    for wish in wishes:
        before = found.get(wish.key, wish)
        lead = before.lead if before.lead is not None else wish.lead
        found[wish.key] = replace(before, force=before.force or wish.force, lead=lead)
    return list(found.values())


def make_lines(order: Order, wishes: Sequence[Wish]) -> list[OrderLine]:
    """Make the order's lines and the jobs they need, and return them: as many queries for 500 lines as for one."""
    lines, wanted, found = draft(order, wishes)
    while plan.use(found):  # some of it was pruned in this instant
        lines, wanted, found = draft(order, wishes)
    needs = settle(lines, wanted, found)
    OrderLine.objects.bulk_create(lines, batch_size=BATCH)
    note_ends(lines)
    attach(needs)
    return lines


def draft(order: Order, wishes: Sequence[Wish]) -> tuple[list[OrderLine], list[Recipes], list[Found]]:
    """Return the lines that *order* would have, what they want and what exists of it; nothing is written."""
    since = clock.now() if any(wish.force for wish in wishes) else None
    asked = [Ask(_cad(wish), wish.output_type, wish.product.pk, wish.variant, wish.part) for wish in wishes]
    wanted = plan.recipes_for_all(asked)
    sizes = plan.master_sizes([(wish.output_type, one) for wish, one in zip(wishes, wanted, strict=True)])
    lines = [
        OrderLine(
            order=order,
            product=wish.product,
            output_type=wish.output_type,
            variant=wish.variant,
            part=wish.part,
            cad_file=_cad(wish),
            recipe_key=one.file_key,
            master_width=sizes[one.view_key][0],
            master_height=sizes[one.view_key][1],
            not_before=since if wish.force else None,
            lead=wish.lead,
        )
        for wish, one in zip(wishes, wanted, strict=True)
    ]
    found = look(lines, wanted)
    _name_sources(lines, wanted, found)
    return lines, wanted, found


def _name_sources(lines: Sequence[OrderLine], wanted: Sequence[Recipes], found: Sequence[Found]) -> None:
    """Say of each line where its file comes from.

    The first line of each view that must be rendered is its largest; the others derive.
    """
    masters = {
        recipe_key(one.master(line.master_width, line.master_height, is_linear=one.is_linear)): one.view_key
        for line, one, ready in zip(lines, wanted, found, strict=True)
        if one.is_rendered and not (ready.file or ready.master)
    }
    rendering = {masters[key] for key in _rendering(list(masters))}
    entries = sorted(zip(lines, wanted, found, strict=True), key=lambda entry: -entry[0].output_type.width)
    for line, one, ready in entries:
        if ready.file:
            line.source = OrderLine.Source.CACHED
        elif ready.master or not one.is_rendered or one.view_key in rendering:
            line.source = OrderLine.Source.DERIVED
        else:
            line.source = OrderLine.Source.RENDERED
            rendering.add(one.view_key)


def _rendering(keys: Sequence[str]) -> set[str]:
    """Return which of these masters are being rendered already."""
    live = Job.objects.live().filter(kind=Job.Kind.RENDER)
    return films.rendering(keys) | {
        key
        for some in batches(keys)
        for key in live.filter(recipe_key__in=some).values_list("recipe_key", flat=True)
    }


def _cad(wish: Wish) -> CadFile:
    assert wish.product.cad_file is not None
    return wish.product.cad_file
