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
    """One product, or a variant of it, in one output type."""

    variant: str | None = Field(description="Slug; null: the product itself")
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
    """One entry for each output type that can be ordered, and again for each variant."""
    product = _product(number)
    found = matrix([product], list(OutputType.objects.orderable().order_by("slug")))
    rows = [
        {
            "variant": cell.variant.slug if cell.variant else None,
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
