"""Products: what is sold, its CAD files, and which of its pictures are there."""

from __future__ import annotations

from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field

from media_assets.ingest.belonging import belong, within
from media_assets.models import CadFile, Product, identify
from rendering import history, orders
from rendering.api.access import needs, token_of
from rendering.api.cad_files import CadFileOut
from rendering.api.cad_files import document as cad_document
from rendering.api.lists import ListWanted, Page, Text, found, one, page
from rendering.api.problems import ApiRefused, answers
from rendering.catalog.parts.documents import document as parts_document
from rendering.catalog.parts.editing import PartEdit, edit
from rendering.catalog.parts.listing import parts_list
from rendering.models import HistoryEntry, OutputType
from rendering.models.api_token import TokenScope
from rendering.orders.matrix import matrix

router = Router(tags=["Products"])
SEE = "media_assets.view_product"
Scheme = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class ProductOut(Schema):
    number: str
    name: str
    cad_file: int | None = Field(description="Its current CAD file")
    cad_state: str | None = Field(description="uploaded, tessellating, ready or failed")
    customer: str | None
    collection: str | None
    tags: list[str]
    revisions: int = Field(description="How many CAD files it has had")
    created: AwareDatetime
    revised: AwareDatetime | None
    archived: AwareDatetime | None
    paused_since: AwareDatetime | None
    identifiers: dict[str, str] = Field(description="By scheme: gtin, asin, sku or others")
    variants: dict[str, str] = Field(description="Names by slug")


class IdentifiersWish(Schema):
    """Which identifiers to set; those that are not named stay."""

    identifiers: dict[Scheme, Annotated[str, Field(max_length=100)]] = Field(
        description="By scheme; empty text removes one", max_length=50
    )


class ProductsWanted(ListWanted):
    search: Text = Field("", description="Part of the number or name")
    customer: Text = ""
    collection: Text = ""
    tag: Text = ""
    archived: bool = Field(False, description="Archived ones instead of the others")


class ProductChange(Schema):
    """What is left out stays as it is; "" or an empty list takes it away. Names that are new are made."""

    name: str | None = Field(None, max_length=255)
    customer: str | None = Field(None, max_length=99)
    collection: str | None = Field(None, max_length=99)
    tags: list[str] | None = Field(None, max_length=50)


class DeliverableOut(Schema):
    """One product, a variant or a part of it, in one output type."""

    variant: str | None = Field(description="Slug; null: the product itself")
    part: str | None = Field(description="Key in the parts list; null: not a part of it alone")
    output_type: str
    state: str = Field(
        description="done, stale, running, pending, paused, held, failed, missing, no_cad or cad_failed"
    )
    why: str = Field(description="Why it is stale or failed, or what is done now")
    progress: float = Field(description="0 to 1")
    order: int | None = Field(description="The newest order of it")
    job: int | None
    asset: int | None = Field(description="What was delivered last")
    approval: str | None = Field(description="Of the asset: awaiting, approved or rejected")


class DeliverablesOut(Schema):
    product: str
    deliverables: list[DeliverableOut]


class PartOut(Schema):
    """One distinct part of a product."""

    number: int = Field(description="In the parts list and in balloons")
    key: str = Field(description="The same in all revisions of the product")
    name: str = Field(description="The text that was set for it, or its name in CAD")
    name_in_cad: str
    part_number: str
    text: str
    count: int
    material: str = Field(description="As CAD names it")
    finish: list[str]
    size_mm: list[float] | None = Field(description="Of the box around it in its own coordinates")
    volume_mm3: float | None = Field(description="null where it is not closed")
    volume_from: str | None = Field(description="shape (exact) or mesh")
    mass_g: float | None = Field(description="Of one, by the density of its finish; null where not known")
    total_mass_g: float | None
    part_keys: list[str] = Field(description="Where it is placed in the product tree")


class EarlierPartOut(Schema):
    key: str
    number: int
    name: str


class PartsOut(Schema):
    product: str
    parts: list[PartOut] = Field(description="By number; at most 2,000")
    distinct: int = Field(description="How many distinct parts there are")
    mass_g: float | None = Field(description="Of the whole; null where that of any part is not known")
    earlier: list[EarlierPartOut] = Field(description="In earlier revisions, and not in the current one")


class PartWish(Schema):
    """What is left out stays as it is."""

    number: int | None = Field(None, ge=1, le=99_999)
    part_number: str | None = Field(None, max_length=100)
    text: str | None = Field(None, max_length=255)


class PartsWish(Schema):
    parts: dict[Text, PartWish] = Field(description="By key", max_length=2000)


def document(product: Product) -> dict[str, Any]:
    return {
        "number": product.number,
        "name": product.name,
        "cad_file": product.cad_file_id,
        "cad_state": product.cad_file.state if product.cad_file else None,
        "customer": product.customer.name if product.customer else None,
        "collection": product.collection.name if product.collection else None,
        "tags": [tag.name for tag in product.tags.all()],
        "revisions": product.revisions,
        "created": product.created,
        "revised": product.revised,
        "archived": product.archived_at,
        "paused_since": product.paused_since,
        "identifiers": {one.scheme: one.value for one in product.identifiers.all()},
        "variants": {one.slug: one.name for one in product.variants.all()},
    }


@router.get(
    "/products", response=answers(Page[ProductOut]), **needs(TokenScope.READ, SEE), summary="List products"
)
def list_products(request: HttpRequest, wanted: Query[ProductsWanted]) -> HttpResponse:
    rows = whole()
    rows = rows.filter(archived_at__isnull=not wanted.archived)
    rows = rows.filter(within(customer=wanted.customer, collection=wanted.collection, tag=wanted.tag))
    if wanted.search:
        rows = rows.filter(Q(number__icontains=wanted.search) | Q(name__icontains=wanted.search))
    return page(wanted, rows, ProductOut, document, changed=("created", "revised", "archived_at"))


@router.get(
    "/products/{number}",
    response=answers(ProductOut, 404),
    **needs(TokenScope.READ, SEE),
    summary="Show a product",
)
def show_product(request: HttpRequest, number: Text) -> HttpResponse:
    return one(ProductOut, document(_product(number)))


@router.patch(
    "/products/{number}",
    response=answers(ProductOut, 404, 422),
    **needs(TokenScope.UPLOAD, "media_assets.change_product"),
    summary="Change the name of a product and where it belongs",
)
def change_product(request: HttpRequest, number: Text, wanted: ProductChange) -> HttpResponse:
    product = _product(number)
    if wanted.name is not None:
        product.name = wanted.name
        product.save(update_fields=["name"])
    belong(product, customer=wanted.customer, collection=wanted.collection, tags=wanted.tags)
    return one(ProductOut, document(_product(number)))


@router.get(
    "/products/{number}/cad-files",
    response=answers(Page[CadFileOut], 404),
    **needs(TokenScope.READ, "media_assets.view_cadfile"),
    summary="List the CAD files of a product",
)
def list_revisions(request: HttpRequest, number: Text, wanted: Query[ListWanted]) -> HttpResponse:
    """Its current CAD file and those that it had before."""
    product = _product(number)
    rows = CadFile.objects.filter(Q(products=product) | Q(revisions__product=product)).distinct()
    return page(wanted, rows.defer("tree", "report"), CadFileOut, cad_document, changed=("created",))


@router.get(
    "/products/{number}/deliverables",
    response=answers(DeliverablesOut, 404),
    **needs(TokenScope.READ, "rendering.view_order"),
    summary="Show which pictures of a product are current",
)
def list_deliverables(request: HttpRequest, number: Text) -> HttpResponse:
    """One entry for each output type that can be ordered, again for each variant, and for parts that were ordered."""
    product = _product(number)
    found = matrix([product], list(OutputType.objects.orderable().order_by("slug")))
    rows = [
        {
            "variant": cell.variant.slug if cell.variant else None,
            "part": cell.part or None,
            "output_type": cell.output_type.slug,
            "state": cell.state.value,
            "why": cell.why,
            "progress": cell.progress,
            "order": cell.order,
            "job": cell.job,
            "asset": cell.asset.pk if cell.asset else None,
            "approval": cell.approval or None,
        }
        for row in found
        for cell in row.cells
    ]
    return one(DeliverablesOut, {"product": product.number, "deliverables": rows})


@router.get(
    "/products/{number}/parts",
    response=answers(PartsOut, 404),
    **needs(TokenScope.READ, SEE),
    summary="Show the parts list of a product",
)
def show_parts(request: HttpRequest, number: Text) -> HttpResponse:
    """One entry for each distinct part; empty until the CAD file has been converted."""
    product = _product(number)
    return one(PartsOut, {"product": product.number, **parts_document(parts_list(product))})


@router.patch(
    "/products/{number}/parts",
    response=answers(PartsOut, 404, 422),
    **needs(TokenScope.UPLOAD, "media_assets.change_product"),
    summary="Change numbers and texts of parts",
)
def change_parts(request: HttpRequest, number: Text, wish: PartsWish) -> HttpResponse:
    """All of them or none. They stay when the product gets another revision."""
    product = _product(number)
    wanted = {key: PartEdit(said.number, said.part_number, said.text) for key, said in wish.parts.items()}
    try:
        changes = edit(product, wanted)
    except ValidationError as error:
        words = "; ".join(f"{key}: {' '.join(said)}" for key, said in error.message_dict.items())
        raise ApiRefused(422, "bad_part", words) from error
    if changes:
        history.record(HistoryEntry.Verb.CHANGE, product, changes=changes)
    return one(PartsOut, {"product": product.number, **parts_document(parts_list(product))})


@router.post(
    "/products/{number}/pause",
    response=answers(ProductOut, 404),
    **needs(TokenScope.ORDER, "pause"),
    summary="Start no new jobs for a product",
)
def pause(request: HttpRequest, number: Text) -> HttpResponse:
    product = _product(number)
    if orders.pause_product(product, str(token_of(request))):
        history.record(HistoryEntry.Verb.PAUSE, product)
    return one(ProductOut, document(_product(number)))


@router.post(
    "/products/{number}/resume",
    response=answers(ProductOut, 404),
    **needs(TokenScope.ORDER, "pause"),
    summary="Start jobs for a product again",
)
def resume(request: HttpRequest, number: Text) -> HttpResponse:
    product = _product(number)
    if orders.resume_product(product):
        history.record(HistoryEntry.Verb.RESUME, product)
    return one(ProductOut, document(_product(number)))


@router.put(
    "/products/{number}/identifiers",
    response=answers(ProductOut, 404, 422),
    **needs(TokenScope.UPLOAD, "media_assets.change_product"),
    summary="Set identifiers of a product",
)
def set_identifiers(request: HttpRequest, number: Text, wish: IdentifiersWish) -> HttpResponse:
    """All of them or none: one that is wrong leaves everything as it was."""
    try:
        identify(_product(number), wish.identifiers)
    except ValidationError as error:
        raise ApiRefused(422, "bad_identifier", " ".join(error.messages)) from error
    return one(ProductOut, document(_product(number)))


def _product(number: str) -> Product:
    row: Product = found(whole(), "product", number=number)
    return row


def whole() -> QuerySet[Product]:
    """Return products without the trees and reports of their CAD files: they may have megabytes."""
    rows = Product.objects.select_related("cad_file", "customer", "collection").prefetch_related(
        *("tags", "identifiers", "variants")
    )
    return rows.defer("cad_file__tree", "cad_file__report")
