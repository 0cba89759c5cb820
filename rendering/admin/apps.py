from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """Django's admin with the operator's desk as its site."""

    default_site = "rendering.admin.site.DeskSite"
