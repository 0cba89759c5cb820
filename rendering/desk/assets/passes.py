"""Render passes in plain words: what of the product is seen, and how far it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from media_assets.models import MediaAsset, numbers


def is_pass(view: Mapping[str, Any]) -> bool:
    """Return whether no light is in what was rendered."""
    return view.get("pass") == "passes"


def what_is_seen(asset: MediaAsset) -> Iterator[tuple[str, str]]:
    """Yield what was measured in the file, each with its name."""
    measured = asset.how_made.measured or {}
    if "places_seen" in measured:
        count = {"seen": measured["places_seen"], "all": measured["places"]}
        yield _("Parts"), _("%(seen)s of %(all)s are visible in this view") % count
    if "balloons" in measured:
        words = [
            ngettext("%(count)d part has a number", "%(count)d parts have numbers", measured["balloons"])
        ]
        words[0] %= {"count": measured["balloons"]}
        if measured["not_visible"]:
            words.append(_("%(count)d not visible here") % {"count": measured["not_visible"]})
        if measured["no_room"]:
            words.append(_("%(count)d without room") % {"count": measured["no_room"]})
        yield _("Balloons"), ", ".join(words)
    if "nearest_mm" in measured:
        ends = {
            "near": numbers.local(f"{measured['nearest_mm']:,.2f}"),
            "far": numbers.local(f"{measured['farthest_mm']:,.2f}"),
        }
        yield _("Depth"), _("%(near)s to %(far)s mm from the camera") % ends
