from __future__ import annotations

from importlib import import_module

from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.signals import user_logged_in


class DeskAdminConfig(AdminConfig):
    """Django's admin with the operator's desk as its site."""

    default_site = "rendering.desk.site.DeskSite"

    def ready(self) -> None:
        super().ready()
        # Autodiscovery finds this package imported already, before there were models, and passes it by.
        import_module("rendering.desk.registry")
        import_module("rendering.desk.labels").translate()
        kept = import_module("rendering.desk.people.preferences")
        user_logged_in.connect(kept.note_log_in, dispatch_uid="rendering.desk.preferences")
