"""The admin site: Django's own, under our name."""

from __future__ import annotations

from django.contrib.admin import AdminSite


class DeskSite(AdminSite):
    site_header = "Renderdesk"
    site_title = "Renderdesk"
    index_title = "Desk"
