from __future__ import annotations

from django.apps import AppConfig


class MediaAssetsConfig(AppConfig):
    name = "media_assets"
    verbose_name = "Products and media"

    def ready(self) -> None:
        from media_assets import checks  # noqa: F401
