"""CAD files, the products they describe, and every file derived from them."""

from media_assets.models.cad_file import CadFile
from media_assets.models.media_asset import MediaAsset
from media_assets.models.product import PRODUCT_NUMBER, Product
from media_assets.models.source_system import SourceSystem

__all__ = ["PRODUCT_NUMBER", "CadFile", "MediaAsset", "Product", "SourceSystem"]
