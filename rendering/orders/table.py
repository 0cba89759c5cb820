"""Orders as tables: CSV in whatever form a spreadsheet saves it, row by row, with an error for each bad row.

Pure but for the look at products and output types: a fixed number of queries for 500 rows.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext

from media_assets.ingest.belonging import within
from media_assets.models import Product
from media_assets.models.batches import batches
from media_assets.models.numbers import say
from rendering.models import ChannelOutput, OutputType
from rendering.models.order import DeliverableKey
from rendering.orders import OrderRefused, Wish, parts
from rendering.orders.variants import named as named_variants
from rendering.orders.variants import variants_of

ROWS_LIMIT = 10_000
BYTES_LIMIT = 2_000_000
COLUMNS = {
    "product": ("product", "product number", "number", "article", "article number", "sku"),
    "customer": ("customer",),
    "collection": ("collection",),
    "tag": ("tag", "tags"),
    "variant": ("variant", "variants"),
    "part": ("part", "parts", "part key"),
    "output": ("output type", "output types", "output", "outputs"),
    "channel": ("channel", "channels"),
    "force": ("force", "render again"),
}
GROUPS = ("customer", "collection", "tag")  # a row without a product orders all that belong there
DELIMITERS = ",;\t|"
MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
YES = ("1", "yes", "y", "true", "x", "force")
NO = ("", "0", "no", "n", "false", "-")


class NotATable(ValueError):
    """The text can't be read as a table at all; the message says why and what to do."""


@dataclass(frozen=True)
class TableRow:
    """One row: its number in the file, as a spreadsheet counts, and what it orders."""

    row: int
    product: str
    outputs: tuple[str, ...]
    force: bool
    belongs: tuple[tuple[str, str], ...] = ()  # customer, collection and tag by name, instead of a product
    channels: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()  # slugs or names, all or none
    parts: tuple[str, ...] = ()  # keys; none: all of them, where an output type shows each


@dataclass(frozen=True)
class RowError:
    """Why a row is skipped."""

    row: int
    message: str


@dataclass(frozen=True)
class Resolved:
    """The result of a table: what is ordered, by which row, and the skipped rows."""

    wishes: list[tuple[int, Wish]]
    errors: list[RowError]


def decode(data: bytes) -> str:
    """Return the text of a CSV file: UTF-8, UTF-16 with its mark, else Windows' Western code page."""
    if len(data) > BYTES_LIMIT:
        raise NotATable(
            gettext("The file has more than {limit} MB. Split it into several orders.").format(
                limit=BYTES_LIMIT // 1000000
            )
        )
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), "utf-8")
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        if b"\0" in data:
            raise NotATable(
                gettext("This is not a text file. Save the sheet as CSV, not as a workbook.")
            ) from None
        return data.decode("cp1252", "replace")


def parse(text: str, default: Sequence[str] = ()) -> tuple[list[TableRow], list[RowError]]:
    """Return the rows of a table and what is wrong with the others; rows that name no output type get *default*.

    Raises NotATable when there is no header that names the products, or there are too many rows.
    """
    text = text.lstrip("\ufeff").replace("\0", "")
    records = records_of(text)
    _, header = next(records, (0, []))
    if not isinstance(header, list) or not any(header):
        raise NotATable(
            gettext("The file is empty. Its first row must name the columns: product, output_type.")
        )
    columns = _columns(header)
    if columns.keys().isdisjoint(("product", *GROUPS)):
        named = ", ".join(cell.strip() for cell in header)[:200]
        raise NotATable(
            gettext(
                "The first row must name the columns, and one of them must be product. The row is: {header}."
            ).format(header=named)
        )
    if not columns.keys() & {"output", "channel"} and not default:
        raise NotATable(
            gettext("There is no column output_type. Add one, or choose output types for all rows.")
        )
    entries: list[TableRow] = []
    errors: list[RowError] = []
    for count, (row, cells) in enumerate(records):
        if count >= ROWS_LIMIT:
            raise NotATable(
                say(gettext("An order can have up to {limit:,} rows. Split the file."), limit=ROWS_LIMIT)
            )
        if isinstance(cells, str):
            errors.append(RowError(row, cells))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        found = _entry(row, cells, columns, tuple(default))
        if isinstance(found, TableRow):
            entries.append(found)
        else:
            errors.append(RowError(row, found))
    if not entries and not errors:
        raise NotATable(gettext("There are no rows below the header."))
    return entries, errors


def records_of(text: str) -> Iterator[tuple[int, list[str] | str]]:
    """Yield (line, cells) of each row, or (line, what is wrong) where the quotes go wrong; nothing follows that."""
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(DELIMITERS, key=lambda one: (first.count(one), -DELIMITERS.index(one)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield (
                line,
                gettext(
                    "The quotes of this row are wrong ({error}). The rows after it were not read."
                ).format(error=error),
            )
            return


def _columns(header: Sequence[str]) -> dict[str, int]:
    names = [re.sub(r"[\s_-]+", " ", cell).strip().lower() for cell in header]
    return {
        column: next(place for place, name in enumerate(names) if name in known)
        for column, known in COLUMNS.items()
        if any(name in known for name in names)
    }


def _entry(
    row: int, cells: Sequence[str], columns: dict[str, int], default: tuple[str, ...]
) -> TableRow | str:
    """Return the entry of a row, or what is wrong with it."""

    def cell(column: str) -> str:
        place = columns.get(column, len(cells))
        return cells[place].strip() if place < len(cells) else ""

    belongs = tuple((name, cell(name)) for name in GROUPS if cell(name)) if not cell("product") else ()
    if not cell("product") and not belongs:
        return gettext("This row names no product.")

    def several(column: str) -> tuple[str, ...]:
        return tuple(filter(None, (part.strip() for part in re.split(r"[|;,]", cell(column)))))

    channels = several("channel")
    outputs = several("output") or (() if channels else default)
    if not outputs and not channels:
        return gettext("This row names no output type.")
    force = cell("force").lower()
    if force not in (*YES, *NO):
        return gettext("The column force takes yes or no, not {value}.").format(value=_short(cell("force")))
    more = (several("variant"), several("part"))
    return TableRow(row, cell("product"), outputs, force in YES, belongs, channels, *more)


def resolve(entries: Sequence[TableRow]) -> Resolved:
    """Return what the rows order; a row that names something unknown is skipped with the reason."""
    entries, errors = _expanded(entries)
    numbers = list(dict.fromkeys(entry.product for entry in entries))
    products = {
        product.number: product
        for some in batches(numbers)
        for product in Product.objects.filter(number__in=some).select_related("cad_file")
    }
    known = list(OutputType.objects.all())
    types = {one.name.lower(): one for one in known} | {one.slug.lower(): one for one in known}
    channels = _channels(entries)
    named = {entry.product for entry in entries if entry.variants} & products.keys()
    variants = variants_of([products[number] for number in named])
    wishes: list[tuple[int, Wish]] = []
    seen: dict[DeliverableKey, int] = {}
    for entry in entries:
        outputs = [
            *entry.outputs,
            *(slug for one in entry.channels for slug in channels.get(one.lower(), ())),
        ]
        if wrong := _wrong(entry, outputs, products.get(entry.product), types, channels):
            errors.append(RowError(entry.row, wrong))
            continue
        product = products[entry.product]
        try:
            chosen = named_variants(product, variants[product.pk], entry.variants)
            ordered = parts.each_part(
                [
                    Wish(product, types[output], entry.force, variant=variant, part=part)
                    for variant in chosen
                    for output in dict.fromkeys(map(str.lower, outputs))
                    for part in entry.parts or ("",)
                ]
            )
            parts.refuse_missing(ordered)
        except OrderRefused as error:
            errors.append(RowError(entry.row, str(error)))
            continue
        for wish in ordered:
            if wish.key not in seen:
                seen[wish.key] = entry.row
                wishes.append((entry.row, wish))
            elif seen[wish.key] != entry.row:
                message = gettext("{output_type} is already ordered by row {row}.").format(
                    output_type=wish.output_type.slug, row=seen[wish.key]
                )
                errors.append(RowError(entry.row, message))
    return Resolved(wishes, errors)


def _expanded(entries: Sequence[TableRow]) -> tuple[list[TableRow], list[RowError]]:
    """Return the rows with one for each product that belongs to a group, and those whose group has none."""
    found: list[TableRow] = []
    errors: list[RowError] = []
    for entry in entries:
        if not entry.belongs:
            found.append(entry)
            continue
        usable = Product.objects.unarchived().filter(within(**dict(entry.belongs)), cad_file__isnull=False)
        numbers = usable.order_by("number").values_list("number", flat=True)[: ROWS_LIMIT + 1]
        if len(found) + len(numbers) > ROWS_LIMIT:
            words = gettext(
                "With its products the order would have more than {limit:,} rows. Order fewer at a time."
            )
            errors.append(RowError(entry.row, say(words, limit=ROWS_LIMIT)))
            continue
        found += [replace(entry, product=number, belongs=()) for number in numbers]
        if not numbers:
            named = ", ".join(f"{name} {_short(value)}" for name, value in entry.belongs)
            errors.append(RowError(entry.row, gettext("No product belongs to {named}.").format(named=named)))
    return found, errors


def _channels(entries: Sequence[TableRow]) -> dict[str, list[str]]:
    """Return the slugs of the outputs of each channel, by its slug and by its name; nothing where no row names one."""
    if not any(entry.channels for entry in entries):
        return {}
    found: dict[str, list[str]] = {}
    rows = ChannelOutput.objects.select_related("profile", "output_type")
    for one in rows:
        for key in {one.profile.slug.lower(), one.profile.name.lower()}:
            found.setdefault(key, []).append(one.output_type.slug)
    return found


def _wrong(
    entry: TableRow,
    outputs: Sequence[str],
    product: Product | None,
    types: dict[str, OutputType],
    channels: dict[str, list[str]],
) -> str:
    if product is None:
        number = _short(entry.product)
        return gettext(
            "There is no product {number}. Check the number, or upload its CAD file first."
        ).format(number=number)
    if product.is_archived:
        return gettext("Product {product} is archived. Bring it back first.").format(
            product=_short(entry.product)
        )
    if product.cad_file is None:
        return gettext("Product {product} has no CAD file yet. Upload one first.").format(
            product=_short(entry.product)
        )
    for channel in entry.channels:
        if channel.lower() not in channels:
            return gettext("There is no channel {name} with outputs. There are: {known}.").format(
                name=_short(channel), known=", ".join(sorted(channels)) or gettext("none")
            )
    for output in outputs:
        output_type = types.get(output.lower())
        if output_type is None:
            known = ", ".join(sorted({one.slug for one in types.values() if one.can_be_ordered}))
            return gettext("There is no output type {name}. There are: {known}.").format(
                name=_short(output), known=known
            )
        if output_type.is_archived:
            return gettext("Output type {output_type} is archived. Bring it back, or order another.").format(
                output_type=output_type.slug
            )
        if not output_type.is_active:
            return gettext(
                "Output type {output_type} is switched off. Switch it on, or order another."
            ).format(output_type=output_type.slug)
    return ""


def write(wishes: Sequence[Wish]) -> str:
    """Return a table that orders exactly *wishes*."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("product", "variant", "part", "output_type", "force"))
    for wish in wishes:
        names = (wish.product.number, wish.variant.slug if wish.variant else "", wish.part)
        writer.writerow((*names, wish.output_type.slug, "yes" if wish.force else ""))
    return out.getvalue()


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:60] + "…")
