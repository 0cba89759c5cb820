"""People number and name the parts of a product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from media_assets.models import Product, ProductPart
from rendering.catalog.parts.listing import keep

FIELDS = ("number", "article", "text")


@dataclass(frozen=True)
class PartEdit:
    """What is said of one part; None leaves a field as it is."""

    number: int | None = None
    article: str | None = None
    text: str | None = None


def edit(product: Product, wanted: Mapping[str, PartEdit]) -> list[tuple[str, str, str]]:
    """Set what is said of these parts (by key); return what changed: field, before, after.

    Raises ValidationError with the key of each wrong part; then nothing is changed.
    """
    with transaction.atomic():
        listed = keep(product)
        parts = {row.part.key: row.part for row in listed.rows}
        wrong = {key: [_("This product has no such part.")] for key in wanted if key not in parts}
        changes: list[tuple[str, str, str]] = []
        changed: list[ProductPart] = []
        for key, said in wanted.items():
            if (part := parts.get(key)) is None:
                continue
            before = len(changes)
            for name in FIELDS:
                new, old = getattr(said, name), getattr(part, name)
                if new is not None and new != old:
                    setattr(part, name, new)
                    changes.append((f"{key}: {name}", str(old), str(new)))
            if len(changes) > before:
                changed.append(part)
        for part in changed:
            try:
                part.clean_fields(exclude={"product", "places"})
            except ValidationError as error:
                wrong[part.key] = error.messages
        for part in changed:
            other = next(
                (one for one in parts.values() if one is not part and one.number == part.number), None
            )
            if other:
                wrong.setdefault(part.key, []).append(
                    _("Number {number} is that of “{other}” as well.").format(number=part.number, other=other)
                )
        if wrong:
            raise ValidationError(wrong)
        ProductPart.objects.bulk_update(changed, FIELDS, batch_size=200)
    return changes
