"""Orders of parts: what shows each part of a product is ordered once for every row of the parts list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from media_assets.models import CadFile, ProductPart
from rendering.catalog.asks import Ask
from rendering.catalog.books import binds, bound_types, is_book, steps_of
from rendering.catalog.counting import counted, shows_each_part
from rendering.catalog.hiding import hidden_parts
from rendering.catalog.parts import listing
from rendering.catalog.parts.picturing import has_none
from rendering.catalog.parts.pieces import ListedPart, Owner, pieces_of
from rendering.models import OrderLine, OutputType, Variant
from rendering.models.sentence import Sentence
from rendering.orders.drafting import Wish
from rendering.orders.refused import OrderRefused

MOST_LINES = 20_000  # of one order


def each_part(wishes: Sequence[Wish]) -> list[Wish]:
    """Return *wishes*, those that show each part of a product as one for each kind; nothing is written.

    With a book comes what it binds together. Raises OrderRefused for parts that are not there, or not known yet.
    """
    wishes = with_contents(wishes)
    owners = {owner for wish in wishes if shows_each_part(wish.output_type) and (owner := _owner(wish))}
    if not owners:
        return [replace(wish, part="") if wish.part else wish for wish in wishes]
    pieces = pieces_of(owners)
    hidden = _hidden(wishes)
    found: list[Wish] = []
    for wish in wishes:
        owner = _owner(wish)
        if owner is None or not shows_each_part(wish.output_type):
            found.append(replace(wish, part=""))
            continue
        found += _of_one(wish, pieces[owner], hidden.get(wish.variant, frozenset()))
        if len(found) > MOST_LINES:
            raise OrderRefused(Sentence.of(_("An order may have {most} lines at most."), most=MOST_LINES))
    return found


def with_contents(wishes: Sequence[Wish]) -> Sequence[Wish]:
    """Return *wishes*, each book followed by what it binds together of the same product. Raises OrderRefused."""
    books = [wish for wish in wishes if is_book(wish.output_type)]
    if not books:
        return wishes
    steps = steps_of(wish.output_type for wish in books)
    for wish in books:
        if not any(map(binds, steps[wish.output_type.pk])):
            words = _(
                "{book!r} has nothing to bind: make it a step of a workflow whose other steps make its pictures."
            )
            raise OrderRefused(Sentence.of(words, book=wish.output_type.slug))
    read = [(wish, cad_file) for wish in books if (cad_file := wish.product.cad_file)]
    types = bound_types([Ask(cad_file, wish.output_type, wish.product.pk) for wish, cad_file in read])
    bound = {id(wish): some for (wish, _file), some in zip(read, types, strict=True)}
    for wish, _file in read:
        if not bound[id(wish)]:
            words = _("Of product {number!r} the workflow of {book!r} makes nothing that could be bound.")
            raise OrderRefused(Sentence.of(words, number=wish.product.number, book=wish.output_type.slug))
    return [
        one
        for wish in wishes
        for one in (
            wish,
            *(Wish(wish.product, made, wish.force, wish.lead) for made in bound.get(id(wish), ())),
        )
    ]


def must_be_read(output_type: OutputType) -> bool:
    """Return whether it can only be ordered once the parts of a product are known."""
    return shows_each_part(output_type) or any(
        step.step.needs_geometry or (step.output_type and binds(step) and shows_each_part(step.output_type))
        for step in steps_of([output_type] if is_book(output_type) else ())[output_type.pk]
    )


def keep(wishes: Sequence[Wish]) -> None:
    """Store the keys under which parts are ordered, where they are new."""
    parts = {(wish.product.pk, wish.part): wish.product for wish in wishes if wish.part}
    known = ProductPart.objects.filter(product__in={pk for pk, _ in parts})
    new = parts.keys() - set(known.values_list("product", "key")) if parts else ()
    for product in {pk: parts[pk, key] for pk, key in new}.values():
        listing.keep(product)


def refuse_missing(wishes: Sequence[Wish]) -> None:
    """Raise OrderRefused where a product has none of the parts that an output type shows, as far as that is known."""
    asked = [(wish, wish.product.cad_file) for wish in wishes if wish.product.cad_file]
    lacks = has_none([(cad_file, wish.output_type) for wish, cad_file in asked if cad_file])
    for (wish, _cad_file), is_missing in zip(asked, lacks, strict=True):
        if is_missing:
            raise OrderRefused(_missing_words(wish))


def refusal(wish: Wish) -> Sentence | None:
    """Return why a wish can't be ordered for the parts that it shows; None where it can."""
    try:
        refuse_missing(each_part([wish]))
    except OrderRefused as refused:
        return refused.why
    return None


def states(line: OrderLine) -> set[str]:
    """Return the states of all lines of an order that were made together with this one: of the parts of its product."""
    if not line.part:
        return {line.state}
    same = OrderLine.objects.filter(order=line.order_id, product=line.product_id, variant=line.variant_id)
    rows = same.filter(output_type=line.output_type_id).exclude(part="")
    return set(rows.order_by().values_list("state", flat=True))


def _missing_words(wish: Wish) -> Sentence:
    asked = (counted(wish.output_type, name, "") for name in ("part_words", "part_key"))
    return Sentence.of(
        _(
            "Product {number!r} has none of the parts that {output_type!r} shows: {parts}. Change the output type, or "
            "leave the product out."
        ),
        number=wish.product.number,
        output_type=wish.output_type.slug,
        parts=", ".join(filter(None, asked)),
    )


def _owner(wish: Wish) -> Owner | None:
    cad_file = wish.product.cad_file
    return (cad_file.pk, wish.product.pk) if cad_file else None


def _hidden(wishes: Sequence[Wish]) -> dict[Variant | None, frozenset[str]]:
    """Return the keys of the places that the variants hide."""
    files = {wish.variant: wish.product.cad_file for wish in wishes if wish.variant and wish.product.cad_file}
    hidden = hidden_parts([(cad_file, variant) for variant, cad_file in files.items()])
    return dict(zip(files, map(frozenset, hidden), strict=True))


def _of_one(wish: Wish, pieces: Sequence[ListedPart], hidden: frozenset[str]) -> list[Wish]:
    if wish.part:
        _check(wish, pieces)
        return [wish]
    shown = [one for one in pieces if not hidden.issuperset(one.kind.keys)]
    if not shown:
        raise OrderRefused(_none_words(wish, is_known=bool(pieces)))
    return [replace(wish, part=one.key) for one in shown]


def _check(wish: Wish, pieces: Sequence[ListedPart]) -> None:
    """Raise OrderRefused for a part that the product has not; before the conversion, one that it never had."""
    if any(one.key == wish.part for one in pieces):
        return
    if not pieces and ProductPart.objects.filter(product=wish.product, key=wish.part).exists():
        return
    known = ", ".join(one.key for one in pieces[:20]) or gettext("none")
    words = _("Product {number!r} has no part {part!r}. Its parts are: {known}.")
    raise OrderRefused(Sentence.of(words, number=wish.product.number, part=wish.part, known=known))


def _none_words(wish: Wish, *, is_known: bool) -> Sentence:
    if is_known:
        words = _("{name} hides all parts: there is none to show one by one.")
    elif wish.product.cad_file and wish.product.cad_file.state == CadFile.State.FAILED:
        words = _("The parts of {name} are not known: its CAD file can't be read.")
    else:
        words = _(
            "The parts of {name} are not known before its CAD file is converted. Order them afterwards, or by a "
            "workflow: its step waits."
        )
    return Sentence.of(words, name=wish.name)
