"""What a spare-parts book binds together: the files that the other steps of its workflow make of a product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from media_assets.ingest import conversions
from media_assets.models import Product
from rendering.catalog.asks import Ask
from rendering.catalog.counting import counts, shows_each_part
from rendering.catalog.parts.documents import part as part_document
from rendering.catalog.parts.listing import PartRow, parts_list
from rendering.catalog.recipes import Recipes
from rendering.models import OutputType, WorkflowStep
from rendering.pictures.kinds import IMAGES, Source

BOUND = (Source.PICTURE, Source.BALLOONS, Source.LINES)
"""What books can show: pictures and drawings, no films and no 3-D models."""


@dataclass(frozen=True)
class Bound:
    """One file in a book: what it is asked for as, its role there, and its row of the parts list, if it has one."""

    ask: Ask
    role: str
    row: PartRow | None = None


def is_book(output_type: OutputType) -> bool:
    return output_type.kind_row.source is Source.FILES


def bound_types(output_types: Sequence[OutputType]) -> dict[int, list[OutputType]]:
    """Return for each of these books (by id) the output types of the other steps of its first workflow, in order."""
    ids = [one.pk for one in output_types if one.pk]
    found: dict[int, list[OutputType]] = defaultdict(list)
    if not ids:
        return found
    own = WorkflowStep.objects.filter(output_type__in=ids).order_by("workflow__slug")
    workflows: dict[int, int] = {}
    for book, workflow in own.values_list("output_type", "workflow"):
        workflows.setdefault(book, workflow)
    steps = WorkflowStep.objects.filter(workflow__in=workflows.values(), output_type__isnull=False)
    rows = list(steps.select_related("output_type").order_by("position", "id"))
    for book, workflow in workflows.items():
        for step in rows:
            made = step.output_type
            if step.workflow_id == workflow and made and made.can_be_ordered and _can_be_bound(made):
                found[book].append(made)
    return found


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


def contents(asked: Sequence[Ask]) -> list[list[Bound]]:
    """Return what each of these books binds together today; without its parts before they are known."""
    types = bound_types([ask.output_type for ask in asked])
    products = Product.objects.in_bulk({ask.product for ask in asked if ask.product})
    found = []
    for ask in asked:
        product = products.get(ask.product or 0)
        rows = parts_list(product, ask.cad_file).rows if product else []
        found.append(
            [
                Bound(
                    Ask(ask.cad_file, one, ask.product, part=row.part.key if row else ""), role_of(one), row
                )
                for one in types[ask.output_type.pk]
                for row in (rows if shows_each_part(one) else (None,))
            ]
        )
    return found


def recipes(ask: Ask, bound: Sequence[Bound], made: Sequence[Recipes], credit: Mapping[str, str]) -> Recipes:
    """Return the recipes of a book of these files: it is another one when one of them, or its parts list, is."""
    product = Product.objects.filter(pk=ask.product or 0).first()
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
