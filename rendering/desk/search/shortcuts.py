"""The keys that lead from every page to where the work is, as the list under "?" has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import PermissionsMixin
from django.urls import reverse
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class Shortcut:
    """Keys to press one after the other, and the page that they lead to."""

    keys: str
    label: StrPromise
    name: str
    permissions: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return reverse(f"admin:{self.name}")

    @property
    def strokes(self) -> list[str]:
        return self.keys.split()


SHORTCUTS = (
    Shortcut("g h", gettext_lazy("Desk"), "index"),
    Shortcut(
        "u", gettext_lazy("Upload CAD files"), "media_assets_cadfile_add", ("media_assets.add_cadfile",)
    ),
    Shortcut("o", gettext_lazy("Order pictures"), "rendering_order_add", ("rendering.add_order",)),
    Shortcut(
        "g p", gettext_lazy("Products"), "media_assets_product_changelist", ("media_assets.view_product",)
    ),
    Shortcut("g o", gettext_lazy("Orders"), "rendering_order_changelist", ("rendering.view_order",)),
    Shortcut(
        "g d",
        gettext_lazy("Deliverables"),
        "rendering_matrix",
        ("rendering.view_order", "media_assets.view_product"),
    ),
    Shortcut("g j", gettext_lazy("Jobs"), "rendering_job_changelist", ("rendering.view_job",)),
    Shortcut(
        "g m",
        gettext_lazy("Media assets"),
        "media_assets_mediaasset_changelist",
        ("media_assets.view_mediaasset",),
    ),
    Shortcut("g r", gettext_lazy("Reports"), "reports", ("rendering.view_reports",)),
)


def of(user: Any) -> list[Shortcut]:
    """Return the shortcuts that this user may follow."""
    if not isinstance(user, PermissionsMixin) or not getattr(user, "is_staff", False):
        return []
    return [one for one in SHORTCUTS if user.has_perms(one.permissions)]
