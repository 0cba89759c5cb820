from __future__ import annotations

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class RenderingConfig(AppConfig):
    name = "rendering"
    verbose_name = _("Rendering")

    def ready(self) -> None:
        from django_q.signals import post_spawn

        from gpu.workers import heartbeat
        from media_assets.formats import files
        from media_assets.signals import product_revised, reading_stated
        from rendering import checks, signals  # noqa: F401
        from rendering.catalog import freshness
        from rendering.catalog.parts import listing
        from rendering.delivery.notifications import pictures, receivers
        from rendering.history import judging, logins, placing, putting_away, tracking
        from rendering.models import sight_rules  # noqa: F401
        from rendering.orders import uploads
        from rendering.pictures import formats
        from rendering.queue import pooler

        files.register(*formats.OUTPUT_FORMATS.values(), formats.FRAMES, formats.PASSES)
        product_revised.connect(uploads.on_product_revised, dispatch_uid="rendering.revised")
        product_revised.connect(freshness.on_product_revised, dispatch_uid="rendering.freshness")
        product_revised.connect(listing.on_product_revised, dispatch_uid="rendering.parts")
        reading_stated.connect(uploads.on_reading_stated, dispatch_uid="rendering.reading")
        signals.order_placed.connect(placing.on_order_placed, dispatch_uid="rendering.history")
        signals.picture_judged.connect(judging.on_picture_judged, dispatch_uid="rendering.history")
        signals.picture_judged.connect(pictures.on_picture_judged, dispatch_uid="rendering.notifications")
        signals.put_away.connect(putting_away.on_put_away, dispatch_uid="rendering.history")
        signals.order_ended.connect(receivers.on_order_ended, dispatch_uid="rendering.notifications")
        signals.lines_ended.connect(pictures.on_lines_ended, dispatch_uid="rendering.notifications")
        signals.job_ended.connect(pictures.on_job_ended, dispatch_uid="rendering.notifications")
        product_revised.connect(pictures.on_product_revised, dispatch_uid="rendering.notifications")
        tracking.connect()
        logins.connect()
        connection_created.connect(pooler.on_connected, dispatch_uid="rendering.pooler")
        post_migrate.connect(uploads.on_migrated, sender=self, dispatch_uid="rendering.migrated")
        post_spawn.connect(heartbeat.start_for_this_process, dispatch_uid="gpu.heartbeat")
