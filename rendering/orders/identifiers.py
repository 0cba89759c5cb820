"""Identifiers of products as a table: a column for the product number, and one for each scheme."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from media_assets.models import Product, identify, numbers
from media_assets.models.batches import batches
from rendering.orders.table import ROWS_LIMIT, NotATable, RowError, records_of

PRODUCT = ("product", "product_number", "number", "article", "article_number")
SCHEME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")


@dataclass(frozen=True)
class Identified:
    """The result of a table: how many products were changed, how many were right already, and the skipped rows."""

    changed: int
    unchanged: int
    errors: list[RowError]


def take(text: str) -> Identified:
    """Set the identifiers that a table names; an empty cell leaves one as it is, "-" removes it. Raises NotATable."""
    records = records_of(text.lstrip("\ufeff").replace("\0", ""))
    _line, header = next(records, (0, []))
    names = (
        [re.sub(r"[\s-]+", "_", cell).strip("_ ").lower() for cell in header]
        if isinstance(header, list)
        else []
    )
    place = next((number for number, name in enumerate(names) if name in PRODUCT), None)
    schemes = {number: name for number, name in enumerate(names) if number != place and SCHEME.match(name)}
    if place is None or not schemes:
        raise NotATable(
            _("The first row must name the columns: product, and one or more of gtin, asin, sku or others.")
        )
    rows: list[tuple[int, Sequence[str]]] = []
    errors: list[RowError] = []
    for row, cells in records:
        if len(rows) >= ROWS_LIMIT:
            raise NotATable(
                numbers.say(_("A table can have up to {limit:,} rows. Split the file."), limit=ROWS_LIMIT)
            )
        if isinstance(cells, str):
            errors.append(RowError(row, cells))
        elif any(cell.strip() for cell in cells):
            rows.append((row, cells))
    products = {
        product.number: product
        for some in batches(sorted({_cell(cells, place) for _row, cells in rows}))
        for product in Product.objects.filter(number__in=some).prefetch_related("identifiers")
    }
    changed = unchanged = 0
    for row, said_there in rows:
        product = products.get(_cell(said_there, place))
        if product is None:
            words = _("There is no product {number}.").format(number=repr(_cell(said_there, place)[:60]))
            errors.append(RowError(row, words))
            continue
        said = {scheme: _cell(said_there, number) for number, scheme in schemes.items()}
        values = {scheme: "" if value == "-" else value for scheme, value in said.items() if value}
        try:
            if identify(product, values):
                changed += 1
            else:
                unchanged += 1
        except ValidationError as error:
            errors.append(RowError(row, " ".join(error.messages)))
    return Identified(changed, unchanged, errors)


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""
