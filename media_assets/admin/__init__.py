"""Products, CAD files and assets: lists with pictures, pages that say what a file is and how it was made."""

from media_assets.admin.assets import MediaAssetAdmin
from media_assets.admin.base import ReadOnlyAdmin, sees_pictures
from media_assets.admin.cad_files import CadFileAdmin
from media_assets.admin.products import ProductAdmin

__all__ = [
    "CadFileAdmin",
    "MediaAssetAdmin",
    "ProductAdmin",
    "ReadOnlyAdmin",
    "sees_pictures",
]
