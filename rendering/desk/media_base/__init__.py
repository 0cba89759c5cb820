"""Products, CAD files and assets: lists with pictures, pages that say what a file is and how it was made."""

from rendering.desk.assets.base_admin import MediaAssetAdmin
from rendering.desk.cad_files.base_admin import CadFileAdmin
from rendering.desk.products.base_admin import ProductAdmin
from rendering.desk.shared.base import RecordAdmin, sees_pictures

__all__ = [
    "CadFileAdmin",
    "MediaAssetAdmin",
    "ProductAdmin",
    "RecordAdmin",
    "sees_pictures",
]
