"""What a file is asked for: a CAD file in an output type, for a product, a variant or a part of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from blender_scripts.finish_rules import PlacedPart
from media_assets.models import CadFile, Product
from media_assets.recipes import Recipe
from rendering.catalog import materials
from rendering.catalog.counting import shows_each_part
from rendering.catalog.materials import Book, Choice, FinishAsk
from rendering.catalog.parts.kinds import Kind
from rendering.catalog.parts.picturing import Picturing
from rendering.catalog.parts.pieces import kinds_of_files, pieces_of
from rendering.catalog.recipes import Pictured
from rendering.models import OutputType, Variant


@dataclass(frozen=True)
class Ask:
    """A CAD file in an output type, with the material rules and the orientation of this product (its id).

    `part` is the key of a part of the product, for an output type that shows each; without one it is the first.
    """

    cad_file: CadFile
    output_type: OutputType
    product: int | None = None
    variant: Variant | None = None
    part: str = ""

    @property
    def finishes(self) -> FinishAsk:
        """Whose material rules decide."""
        return FinishAsk(self.cad_file, self.product, self.variant.pk if self.variant else None)


def picturings(asked: Sequence[Ask]) -> list[Picturing]:
    """Return which parts each file is to show; as many queries for 50 products as for one."""
    each = [ask for ask in asked if shows_each_part(ask.output_type)]
    owners = {(ask.cad_file.pk, ask.product) for ask in each if ask.product and ask.part}
    pieces = {owner: {one.key: one.kind for one in found} for owner, found in pieces_of(owners).items()}
    first = kinds_of_files({ask.cad_file.pk for ask in each if not ask.part})
    products = Product.objects.filter(pk__in={product for _, product in owners})
    customers = dict(products.values_list("pk", "customer")) if owners else {}

    def kind_of(ask: Ask) -> Kind | None:
        if not shows_each_part(ask.output_type):
            return None
        if ask.part:
            return pieces.get((ask.cad_file.pk, ask.product or 0), {}).get(ask.part)
        return next(iter(first[ask.cad_file.pk]), None)

    return [
        Picturing(ask.cad_file, ask.output_type, ask.part, kind_of(ask), customers.get(ask.product or 0))
        for ask in asked
    ]


def is_ruled(ask: Ask) -> bool:
    """Whether material rules decide for it."""
    return ask.output_type.materials == OutputType.Materials.RULES


def choices(
    asked: Sequence[Ask], wanted: Sequence[Picturing], abouts: Sequence[Pictured | None], book: Book
) -> list[Choice]:
    """Return what the material rules decide for each file; for a part by itself, for its own surfaces."""
    looks = [
        one.kind.looks if about and about.is_alone and one.kind else ()
        for one, about in zip(wanted, abouts, strict=True)
    ]
    whole = list(
        dict.fromkeys(
            ask.finishes for ask, some in zip(asked, looks, strict=True) if is_ruled(ask) and not some
        )
    )
    decided = dict(zip(whole, book.choices(whole), strict=True)) if whole else {}

    def choice(ask: Ask, some: Sequence[PlacedPart]) -> Choice:
        if not some:
            return decided[ask.finishes]
        return materials.decide(some, book.chooser(ask.finishes.product, ask.finishes.variant))

    return [
        choice(ask, some) if is_ruled(ask) else materials.UNDECIDED
        for ask, some in zip(asked, looks, strict=True)
    ]


def named(embedded: Recipe, ask: Ask) -> Recipe:
    """Return what is embedded of a product for a variant or a part of it: they have not its identifiers."""
    variant = {"variant": ask.variant.name} if ask.variant else {}
    part = {"part": ask.part} if ask.part else {}
    return {**embedded, **variant, **part, "identifiers": {}} if embedded and (variant or part) else embedded
