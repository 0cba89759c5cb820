"""Tokens of share links: signed, so that a made-up one costs no query, and looked up, so that it can be revoked."""

from __future__ import annotations

from datetime import timedelta

from django.core.signing import BadSignature, Signer
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from rendering.delivery import archives
from rendering.models import ShareLink

SALT = "rendering.shares"
TOKEN_LENGTH = 100  # characters; ours have 66
USE_NOTED = timedelta(minutes=1)  # visits closer together than this are one, and write nothing


def token(link: ShareLink) -> str:
    """Return what the address of a link ends with."""
    return Signer(salt=SALT).sign(link.key)


def path(link: ShareLink) -> str:
    """Return the address of a link's page, without the host."""
    return reverse("shares:page", args=[token(link)])


def find(text: str) -> ShareLink | None:
    """Return the link of a token, expired and revoked ones too; None for what we never signed.

    Signatures are compared in constant time.
    """
    if len(text) > TOKEN_LENGTH:
        return None
    try:
        key = Signer(salt=SALT).unsign(text)
    except BadSignature:
        return None
    return ShareLink.objects.select_related("asset", "order").filter(key=key).first()


def wanted(link: ShareLink) -> list[archives.Wanted]:
    """Return the files of a link as an archive names them; what is missing and why is nothing for outsiders."""
    every = (
        archives.of_order(link.order) if link.order else archives.of_asset(link.asset) if link.asset else []
    )
    there = {asset.pk for asset in link.files()}
    return [one for one in every if one.asset and one.asset.pk in there]


def revoke(link: ShareLink) -> bool:
    """Close a link for good; return whether it was open until now."""
    now = timezone.now()
    return bool(ShareLink.objects.filter(pk=link.pk, revoked=None, expires__gt=now).update(revoked=now))


def note_visit(link: ShareLink) -> None:
    """Keep when the link was last used, to the minute."""
    now = timezone.now()
    old = Q(last_used=None) | Q(last_used__lt=now - USE_NOTED)
    ShareLink.objects.filter(old, pk=link.pk).update(last_used=now)


def note_download(link: ShareLink) -> None:
    """Count one file that was taken."""
    ShareLink.objects.filter(pk=link.pk).update(downloads=F("downloads") + 1, last_used=timezone.now())
