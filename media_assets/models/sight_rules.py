"""What confined people see of products, CAD files and their files."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from media_assets.models.cad_file import CadFile
from media_assets.models.exploded_view import ExplodedView
from media_assets.models.grouping import Collection, Customer, Tag
from media_assets.models.media_asset import MediaAsset
from media_assets.models.product import Product
from media_assets.models.product_identifier import ProductIdentifier
from media_assets.models.product_part import ProductPart
from media_assets.models.product_revision import ProductRevision
from media_assets.models.sight import RULES, Sight, regardless


def products(sight: Sight) -> QuerySet[Product]:
    """Return the products that are seen, whoever asks."""
    found: QuerySet[Product] = regardless(Product).filter(customer__in=sight.customers)
    return found.order_by()


def cad_files(sight: Sight) -> Q:
    """Those that a seen product has or had, and what a person uploaded themselves."""
    has = products(sight).filter(cad_file=OuterRef("pk"))
    had = regardless(ProductRevision).filter(cad_file=OuterRef("pk"), product__in=products(sight))
    return Q(Exists(has)) | Q(Exists(had.order_by())) | Q(uploaded_by=sight.user)


def of_product(sight: Sight) -> Q:
    """What belongs to a seen product."""
    return Q(product__in=products(sight))


def of_product_or_file(sight: Sight) -> Q:
    """What belongs to a seen product, or to no product but to a seen CAD file."""
    files = regardless(CadFile).filter(cad_files(sight)).order_by()
    return of_product(sight) | Q(product=None, cad_file__in=files)


def assets(sight: Sight) -> Q:
    """These, and what was delivered for a seen product: products of the same CAD file share their pictures."""
    lines = MediaAsset._meta.get_field("order_lines").related_model._base_manager
    delivered = lines.filter(of_product(sight), asset=OuterRef("pk"))
    return of_product_or_file(sight) | Q(Exists(delivered))


def _known(used: QuerySet[Any], seen: Q) -> Q:
    """Names that something seen has, or nothing has yet."""
    return Q(Exists(used.filter(seen))) | ~Q(Exists(used))


def collections(sight: Sight) -> Q:
    used = regardless(Product).filter(collection=OuterRef("pk")).order_by()
    return _known(used, Q(customer__in=sight.customers))


def tags(sight: Sight) -> Q:
    used = Product.tags.through._base_manager.filter(tag=OuterRef("pk"))
    return _known(used, of_product(sight))


RULES |= {
    Product: lambda sight: Q(customer__in=sight.customers),
    ProductIdentifier: of_product,
    ProductPart: of_product,
    ExplodedView: of_product,
    ProductRevision: of_product,
    CadFile: cad_files,
    MediaAsset: assets,
    Customer: lambda sight: Q(pk__in=sight.customers),
    Collection: collections,
    Tag: tags,
}
