"""CAD files, the products they describe, and every file derived from them."""

from media_assets.models.cad_file import CadFile
from media_assets.models.exploded_view import ExplodedView
from media_assets.models.grouping import Collection, Customer, Grouping, Tag
from media_assets.models.media_asset import MediaAsset
from media_assets.models.product import PRODUCT_NUMBER, Product
from media_assets.models.product_identifier import ProductIdentifier, identify
from media_assets.models.product_part import ProductPart
from media_assets.models.product_revision import ProductRevision
from media_assets.models.sight import CustomerAccess
from media_assets.models.source_system import SourceSystem

__all__ = [
    "PRODUCT_NUMBER",
    "CadFile",
    "Collection",
    "Customer",
    "CustomerAccess",
    "ExplodedView",
    "Grouping",
    "MediaAsset",
    "Product",
    "ProductIdentifier",
    "ProductPart",
    "ProductRevision",
    "SourceSystem",
    "Tag",
    "identify",
]
