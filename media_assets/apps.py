from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MediaAssetsConfig(AppConfig):
    name = "media_assets"
    verbose_name = _("Products and media")

    def ready(self) -> None:
        from media_assets import checks  # noqa: F401
        from media_assets.models import sight_rules  # noqa: F401
