"""What messages say of pictures and CAD files, and where these can be fetched."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from media_assets.models import CadFile, MediaAsset
from media_assets.serving.links import asset_name, whole
from rendering.delivery import ending_links
from rendering.models import Event, OrderLine, Webhook
from rendering.models.errors import problem_of


def about_line(line: OrderLine) -> dict[str, Any]:
    """Return what a message says of what a line delivered, or why it failed."""
    said: dict[str, Any] = {
        "order": line.order_id,
        "line": line.pk,
        "product": line.number,
        "variant": line.variant_code or None,
        "part": line.part or None,
        "output_type": line.slug,
        "asset": about_asset(line.asset) if line.asset else None,
    }
    return {**said, **_failure(line)} if line.error_code else said


def about_asset(asset: MediaAsset) -> dict[str, Any]:
    """Return what a message says of a file; *url* opens it with an API token. Sizes in px and bytes, duration in s."""
    return {
        "id": asset.pk,
        "kind": asset.kind,
        "file_name": asset_name(asset),
        "mime_type": asset.mime_type,
        "width": asset.width,
        "height": asset.height,
        "duration": asset.duration,
        "bytes": asset.bytes,
        "sha256": asset.sha256,
        "url": whole(reverse("api-1:fetch_asset", args=[asset.pk])),
    }


def about_cad_file(file: CadFile) -> dict[str, Any]:
    """Return what a message says of a CAD file; *url* describes it with an API token."""
    said: dict[str, Any] = {
        "id": file.pk,
        "name": file.original_name,
        "products": sorted(file.products.unarchived().values_list("number", flat=True)),
        "bytes": file.bytes,
        "sha256": file.sha256,
        "state": file.state,
        "url": whole(reverse("api-1:show_cad_file", args=[file.pk])),
    }
    return {**said, **_failure(file)} if file.error_code else said


def _failure(row: Any) -> dict[str, Any]:
    return {"code": row.error_code, "message": row.error, "next_step": str(problem_of(row).next_step)}


def with_addresses(body: Mapping[str, Any], hook: Webhook) -> dict[str, Any]:
    """Return *body* with addresses that open its pictures without a log-in for as long as *hook* says."""
    # A rejected picture is not for everybody.
    is_open = body.get("event") != Event.PICTURE_REJECTED
    if not hook.address_hours or "pictures" not in body or not is_open:
        return dict(body)
    until = timezone.now() + timedelta(hours=hook.address_hours)

    def open_to_all(asset: Mapping[str, Any] | None) -> dict[str, Any] | None:
        if not asset or not asset.get("sha256"):
            return dict(asset) if asset else None
        address = ending_links.address(asset["id"], asset["sha256"], asset["file_name"], hook, until)
        return {**asset, "signed_url": address, "signed_until": until.isoformat()}

    files = ("asset", "by")
    pictures = [
        {**item, **{name: open_to_all(item[name]) for name in files if name in item}}
        for item in body["pictures"]
    ]
    return {**body, "pictures": pictures}
