"""Addresses that open one picture for the receiver of a webhook until they end: signed, and of these bytes alone."""

from __future__ import annotations

from datetime import datetime

from django.core import signing
from django.urls import reverse
from django.utils import timezone

from media_assets.models import MediaAsset
from media_assets.serving.links import HASH_DIGITS, whole
from rendering.models import Webhook
from rendering.models.review import released

SALT = "rendering.ending_links"
TOKEN_LENGTH = 200  # characters; ours have about 90


class LinkOver(Exception):
    """The address was good and is not any more: ended, without its webhook, of another picture or one not released."""


def address(asset: int, sha256: str, name: str, hook: Webhook, until: datetime) -> str:
    """Return an address of the asset (id) with these bytes that is good *until* then, while *hook* is active."""
    said = [asset, sha256[:HASH_DIGITS], hook.pk, int(until.timestamp())]
    token = signing.dumps(said, salt=SALT)
    return whole(reverse("shares:ending", args=[token, name]))


def find(token: str) -> MediaAsset | None:
    """Return the asset that an address opens; None for what we never signed. Raises LinkOver."""
    if len(token) > TOKEN_LENGTH:
        return None
    try:
        pk, digits, hook, until = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    if until <= timezone.now().timestamp() or not Webhook.objects.filter(pk=hook, is_active=True).exists():
        raise LinkOver
    asset = released(MediaAsset.objects.unarchived().kept().select_related("product").filter(pk=pk)).first()
    if asset is None or not asset.sha256.startswith(digits):
        raise LinkOver
    return asset  # type: ignore[no-any-return]
