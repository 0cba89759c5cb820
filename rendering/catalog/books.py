"""What a spare-parts book binds together: the files that the other steps of its workflow make of a product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from media_assets.ingest import conversions
from media_assets.models import Product, ProductRevision
from rendering.catalog.asks import Ask
from rendering.catalog.counting import counts, shows_each_part
from rendering.catalog.parts.documents import part as part_document
from rendering.catalog.parts.listing import PartRow, parts_lists
from rendering.catalog.parts.picturing import has_none
from rendering.catalog.parts.pieces import kinds_of_files
from rendering.catalog.recipes import Recipes
from rendering.models import OutputType, WorkflowStep
from rendering.models.steps import Facts, StepOutcome, Verdict, judge
from rendering.pictures.kinds import IMAGES, Source

BOUND = (Source.PICTURE, Source.BALLOONS, Source.LINES)
"""What books can show: pictures and drawings, no films and no 3-D models."""


@dataclass(frozen=True)
class Bound:
    """One file in a book: what it is asked for as, its role there, and its row of the parts list, if it has one."""

    ask: Ask
    role: str
    row: PartRow | None = None


@dataclass(frozen=True)
class Binding:
    """What one book binds together, and the product that it is about."""

    product: Product | None
    bound: list[Bound]


def is_book(output_type: OutputType) -> bool:
    return output_type.kind_row.source is Source.FILES


def steps_of(books: Iterable[OutputType]) -> dict[int, list[WorkflowStep]]:
    """Return for each of these books (by id) the steps of its first workflow, in order; its own is one of them."""
    ids = {one.pk for one in books if one.pk}
    found: dict[int, list[WorkflowStep]] = defaultdict(list)
    if not ids:
        return found
    own = WorkflowStep.objects.filter(output_type__in=ids).order_by("workflow__slug")
    workflows: dict[int, int] = {}
    for book, workflow in own.values_list("output_type", "workflow"):
        workflows.setdefault(book, workflow)
    rows = WorkflowStep.objects.filter(workflow__in=workflows.values()).select_related("output_type")
    by_workflow: dict[int, list[WorkflowStep]] = defaultdict(list)
    for row in rows.order_by("position", "id"):
        by_workflow[row.workflow_id].append(row)
    found.update({book: by_workflow[workflow] for book, workflow in workflows.items()})
    return found


def binds(step: WorkflowStep) -> bool:
    """Return whether a book of the same workflow shows what a step makes."""
    made = step.output_type
    return bool(made and made.can_be_ordered and _can_be_bound(made))


def bound_types(asked: Sequence[Ask]) -> list[list[OutputType]]:
    """Return for each of these books what the steps of its workflow make that run for its product.

    As many queries for many as for one. A condition on what is not known yet holds.
    """
    steps = steps_of(ask.output_type for ask in asked)
    products = Product.objects.in_bulk({ask.product for ask in asked if ask.product})
    earliest = _earliest_files({pk for pk, one in products.items() if one.revisions > 1})
    found = []
    for ask in asked:
        product = products.get(ask.product or 0)
        is_first = (
            not product
            or product.revisions <= 1
            or (ask.cad_file.pk != product.cad_file_id and earliest.get(product.pk) == ask.cad_file.pk)
        )
        facts = Facts.of(ask.cad_file, product.number if product else "", is_first=is_first)
        found.append(_that_run(steps[ask.output_type.pk], facts))
    shown = [(ask.cad_file, one) for ask, types in zip(asked, found, strict=True) for one in types]
    lacks = iter(has_none(shown))
    return [[one for one in types if not next(lacks)] for types in found]


def _that_run(steps: Sequence[WorkflowStep], facts: Facts) -> list[OutputType]:
    """Return what steps make that run by these facts, where every one that runs succeeds, and books can show."""
    outcomes: list[StepOutcome] = []
    found = []
    for row in steps:
        step = row.step
        earlier = outcomes[step.after - 1] if step.after and step.after <= len(outcomes) else None
        is_off = row.output_type is not None and not row.output_type.can_be_ordered
        is_skipped = is_off or judge(step, facts, earlier)[0] == Verdict.SKIP
        outcomes.append(StepOutcome.SKIPPED if is_skipped else StepOutcome.DONE)
        if not is_skipped and row.output_type and binds(row):
            found.append(row.output_type)
    return found


def _earliest_files(products: Collection[int]) -> dict[int, int]:
    """Return the first CAD file of each product."""
    rows = ProductRevision.objects.filter(product__in=products).order_by("-number")
    return dict(rows.values_list("product", "cad_file")) if products else {}


def _can_be_bound(output_type: OutputType) -> bool:
    source = output_type.kind_row.source
    return source in BOUND and (source is not Source.BALLOONS or output_type.format in IMAGES)


def role_of(output_type: OutputType) -> str:
    """Return where in a book the files of an output type are."""
    if shows_each_part(output_type):
        return "part"
    if output_type.kind_row.source is Source.LINES:
        return "drawing"
    if output_type.exploded and counts(output_type, "exploded"):
        return "exploded"
    return "section" if output_type.section and counts(output_type, "section") else "hero"


def contents(asked: Sequence[Ask]) -> list[Binding]:
    """Return what each of these books binds together today; without its parts before they are known."""
    products = Product.objects.in_bulk({ask.product for ask in asked if ask.product})
    types = bound_types(asked)
    owners = {
        (ask.cad_file.pk, ask.product)
        for ask, some in zip(asked, types, strict=True)
        if ask.product in products and any(map(shows_each_part, some))
    }
    kinds = kinds_of_files({cad_file for cad_file, _ in owners})
    listed = parts_lists([(products[product], kinds[cad_file]) for cad_file, product in owners])
    rows = {owner: one.rows for owner, one in zip(owners, listed, strict=True)}

    def bound(ask: Ask, one: OutputType) -> Iterator[Bound]:
        if not shows_each_part(one):
            yield Bound(Ask(ask.cad_file, one, ask.product), role_of(one))
            return
        for row in rows.get((ask.cad_file.pk, ask.product), ()):
            yield Bound(Ask(ask.cad_file, one, ask.product, part=row.part.key), role_of(one), row)

    return [
        Binding(products.get(ask.product or 0), [each for one in some for each in bound(ask, one)])
        for ask, some in zip(asked, types, strict=True)
    ]


def recipes(ask: Ask, inside: Binding, made: Sequence[Recipes], credit: Mapping[str, str]) -> Recipes:
    """Return the recipes of a book of these files: it is another one when one of them, or its parts list, is."""
    product, bound = inside.product, inside.bound
    pictures: dict[str, str] = {}
    for one, recipe in zip(bound, made, strict=True):
        if one.row:
            pictures.setdefault(one.row.part.key, recipe.file_key)
    rows = {one.row.part.key: one.row for one in bound if one.row}
    with translation.override(settings.LANGUAGE_CODE):
        file: dict[str, Any] = {
            "kind": ask.output_type.kind,
            "format": ask.output_type.format,
            "encoder": ask.output_type.kind_row.version,
            "language": settings.LANGUAGE_CODE,
            "words": _words(),
            "product": {
                "number": product.number if product else "",
                "name": product.name if product else "",
            },
            "pages": [
                {"role": one.role, "title": _title(one), "file": recipe.file_key}
                for one, recipe in zip(bound, made, strict=True)
                if not one.row
            ],
            "parts": [{**_row(row), "file": pictures[key]} for key, row in rows.items()],
        }
    if credit:
        file["credit"] = dict(credit)
    geometry = conversions.geometry_recipe(ask.cad_file, ask.output_type.tessellation)
    keys = tuple(dict.fromkeys(recipe.file_key for recipe in made))
    return Recipes(geometry, {}, file, contents=keys)


def _title(one: Bound) -> str:
    """Return what a page shows, in the words of the trade."""
    words = {"exploded": _("Exploded view"), "section": _("Section"), "drawing": _("Line drawing")}
    return words.get(one.role, str(one.ask.output_type))


def _row(row: PartRow) -> dict[str, Any]:
    said = part_document(row)
    size = " × ".join(f"{length:.4g}" for length in said["size_mm"] or ())
    return {
        "number": said["number"],
        "name": said["name"],
        "part_number": said["part_number"],
        "count": said["count"],
        "material": ", ".join(filter(None, (said["material"], *said["finish"]))),
        "size": f"{size} mm" if size else "",
        "mass": f"{said['mass_g']:.4g} g" if said["mass_g"] is not None else "",
    }


def _words() -> dict[str, str]:
    return {
        "title": _("Spare-parts book"),
        "parts": _("Parts list"),
        "number": _("No."),
        "picture": _("Picture"),
        "part": _("Part"),
        "part_number": _("Part number"),
        "count": _("Count"),
        "mass": _("Mass"),
    }
