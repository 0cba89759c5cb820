from __future__ import annotations

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class RenderingConfig(AppConfig):
    name = "rendering"
    verbose_name = "Rendering"

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from gpu import heartbeat
        from media_assets.signals import product_revised, reading_stated
        from rendering import checks, freshness, receivers  # noqa: F401
        from rendering.history import tracking

        product_revised.connect(receivers.on_product_revised, dispatch_uid="rendering.revised")
        product_revised.connect(freshness.on_product_revised, dispatch_uid="rendering.freshness")
        reading_stated.connect(receivers.on_reading_stated, dispatch_uid="rendering.reading")
        tracking.connect()
        post_migrate.connect(receivers.on_migrated, sender=self, dispatch_uid="rendering.migrated")
        post_spawn.connect(heartbeat.start_for_this_process, dispatch_uid="gpu.heartbeat")
