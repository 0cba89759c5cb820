"""Verdicts about delivered pictures: the one way in for pages and programs."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from media_assets.models import MediaAsset, sight
from rendering.models import Approval, OrderLine, Review
from rendering.signals import picture_judged

LONGEST = 2000  # characters of a note


class VerdictRefused(Exception):
    """The picture can't be judged so; the message says why and what to do."""


def approve(asset: MediaAsset, *, user: User | None, note: str = "", seen: str = "") -> Review | None:
    """Approve a picture; see `_judge`."""
    return _judge(asset, Approval.APPROVED, user, note, seen)


def reject(asset: MediaAsset, *, user: User | None, note: str, seen: str = "") -> Review | None:
    """Reject a picture with what is wrong with it; see `_judge`."""
    if not note.strip():
        raise VerdictRefused(_("Say what is wrong with the picture: whoever renders it again has to know."))
    return _judge(asset, Approval.REJECTED, user, note, seen)


@sight.of_everybody()
def _judge(asset: MediaAsset, verdict: Approval, user: User | None, note: str, seen: str) -> Review | None:
    """Write the verdict and let other rooms know, in one transaction; None where the same stands already.

    *seen*: the SHA-256 of what the person looked at; another picture by now is refused. Raises VerdictRefused.
    """
    note = note.replace("\x00", "").strip()[:LONGEST]
    with transaction.atomic():
        # Held, so that of two verdicts at once the later one knows the earlier.
        row = MediaAsset.objects.select_for_update(of=("self",)).defer("recipe").filter(pk=asset.pk).first()
        if row is None or row.kind not in MediaAsset.PICTURES:
            raise VerdictRefused(
                _("Only pictures and films that were delivered can be approved or rejected.")
            )
        if row.pruned or row.is_archived:
            raise VerdictRefused(_("The picture is archived, or its file was deleted. Order it again."))
        if seen and seen != row.sha256:
            raise VerdictRefused(_("The picture was rendered again meanwhile. Look at the new one first."))
        earlier = Review.objects.filter(asset=row, produced=row.produced)
        last = earlier.first()
        if last and last.verdict == verdict and last.note == note:
            return None
        is_first = not earlier.filter(verdict=Approval.APPROVED).exists()
        review = Review.objects.create(asset=row, produced=row.produced, verdict=verdict, note=note, by=user)
        lines = list(_lines(row))
        picture_judged.send(Review, review=review, lines=lines, is_first_approval=is_first)
        return review


def _lines(asset: MediaAsset) -> list[OrderLine]:
    """Return the newest line of each product, variant and output type that delivered the picture."""
    rows = OrderLine.objects.filter(asset=asset, state=OrderLine.State.DONE)
    rows = rows.select_related("product", "output_type", "variant", "asset__product").order_by("pk")
    return list({line.key: line for line in rows}.values())
