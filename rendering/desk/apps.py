from __future__ import annotations

from importlib import import_module
from typing import Any

from django.contrib.admin.apps import SimpleAdminConfig
from django.contrib.auth.signals import user_logged_in


class DeskAdminConfig(SimpleAdminConfig):
    """Django's admin with the operator's desk as its site, which imports its pages when somebody asks for one."""

    default_site = "rendering.desk.site.DeskSite"

    def ready(self) -> None:
        super().ready()
        user_logged_in.connect(note_log_in, dispatch_uid="rendering.desk.preferences")


def note_log_in(**news: Any) -> None:
    import_module("rendering.desk.people.preferences").note_log_in(**news)
