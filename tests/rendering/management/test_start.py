"""What a process of Renderdesk imports: a worker and a command no pages, a web server all of them before a request."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from tests.paths import PROJECT

PAGES = ("rendering.desk.registry", "rendering.desk.orders.admin", "rendering.api.site", "ninja", "pydantic")
HERE = f"import sys; print(*(name for name in {PAGES} if name in sys.modules), sep=',')"
WORKERS = f"""
import django
from django.core.checks import run_checks
django.setup()
from rendering.management.commands.run_workers import Command
assert run_checks(tags=Command.requires_system_checks) == []
{HERE}
from django.contrib import admin
from rendering.desk.orders.admin import OrderAdmin
from rendering.models import Order, Workflow
assert type(admin.site._registry[Order]) is OrderAdmin  # one that is imported alone keeps its place among all
assert admin.site.is_registered(Workflow)
from django.urls import reverse
print(reverse("admin:rendering_order_changelist"))
"""


def python(code: str) -> list[str]:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings", "CYCLES_DEVICE": "cpu"}
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True)
    return done.stdout.split("\n")[:-1]


def test_workers_start_without_the_pages_and_have_them_for_a_link() -> None:
    assert python(WORKERS) == ["", "/admin/rendering/order/"]


def test_a_web_server_has_all_pages_before_its_first_request() -> None:
    assert python(f"import config.wsgi\n{HERE}") == [",".join(PAGES)]


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("CYCLES_DEVICE", "tpu", "gpu.E001"),
        ("LEASE_SECONDS", 3.0, "rendering.E001"),
        ("MEDIA_OFFLOAD", "by magic", "media_assets.E002"),
    ],
)
def test_a_command_still_refuses_settings_that_can_not_be(
    name: str, value: Any, code: str, settings: Any
) -> None:
    setattr(settings, name, value)
    with pytest.raises(SystemCheckError, match=code):
        call_command("run_workers", skip_checks=False)
