"""Comments on pictures: writing one, and saying that it was dealt with."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.utils import timezone
from django.utils.translation import gettext as _

from media_assets.models import MediaAsset
from rendering.models import PictureComment

LONGEST = 2000  # characters


class CommentRefused(Exception):
    """The comment can't be kept; the message says why and what to do."""


def comment(
    asset: MediaAsset, text: str, *, user: User | None, place: tuple[float, float] | None, seen: str = ""
) -> PictureComment:
    """Keep a comment. *place*: fractions of width and height; *seen*: SHA-256 of what it is about.

    Raises CommentRefused.
    """
    text = text.replace("\x00", "").strip()[:LONGEST]
    if not text:
        raise CommentRefused(_("Write a comment first."))
    if place and not all(0 <= one <= 1 for one in place):  # nor is it a number at all
        raise CommentRefused(_("The place is outside of the picture: give 0 to 100 %."))
    if seen and seen != asset.sha256:
        raise CommentRefused(_("The picture was rendered again meanwhile. Look at the new one first."))
    x, y = place or (None, None)
    return PictureComment.objects.create(asset=asset, produced=asset.produced, x=x, y=y, text=text, by=user)


def resolve(asset: MediaAsset, pk: int, *, user: User | None) -> PictureComment | None:
    """Note that a comment on *asset* was dealt with; return it, or None where it was already or does not exist."""
    open_ones = PictureComment.objects.filter(asset=asset, pk=pk, resolved=None)
    if not open_ones.update(resolved=timezone.now(), resolved_by=user):
        return None
    return PictureComment.objects.get(pk=pk)
