"""Archiving: out of lists, matrix, pickers and searches, and back. What runs goes on; nothing new begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from media_assets.models import CadFile, MediaAsset, Product, sight
from media_assets.models.archivable import Archivable
from media_assets.models.batches import batches
from rendering.catalog import freshness
from rendering.catalog.freshness import Freshness
from rendering.models import Job, OrderLine, OutputType
from rendering.signals import put_away

HAD: tuple[Any, ...] = (OrderLine, Job, MediaAsset)  # rows that tell which CAD files a product has had


@dataclass
class Archived:
    """What was archived or brought back, what went along with it, and what was refused and why."""

    done: list[Archivable] = field(default_factory=list)
    along: list[Archivable] = field(default_factory=list)
    refused: list[tuple[Archivable, str]] = field(default_factory=list)


@sight.of_everybody()
def archive(rows: Sequence[Archivable]) -> Archived:
    """Archive *rows*, of one model; those that are archived already are left out.

    With a product go the CAD files that it alone has used, with a CAD file the products that have had no other.
    """
    found, now = Archived(), timezone.now()
    with transaction.atomic():
        for row in _locked(rows):
            if row.is_archived:
                continue
            if why := _refusal(row):
                found.refused.append((row, why))
                continue
            found.done.append(row)
            found.along += [one for one in companions(row) if not one.is_archived]
        for row in (*found.done, *found.along):
            _set(row, now)
        if found.done:
            put_away.send(Archivable, verb="archive", rows=found.done, along=found.along, words="")
    return found


@sight.of_everybody()
def restore(rows: Sequence[Archivable]) -> Archived:
    """Bring *rows*, of one model, back, with what was archived together with them and a product's current CAD file."""
    found = Archived()
    with transaction.atomic():
        for row in _locked(rows):
            if not row.is_archived:
                continue
            found.done.append(row)
            found.along += [
                one
                for one in companions(row)
                if one.is_archived
                and (
                    one.archived_at == row.archived_at
                    or (isinstance(row, Product) and one.pk == row.cad_file_id)
                )
            ]
        for row in (*found.done, *found.along):
            _set(row, None)
        if found.done:
            put_away.send(Archivable, verb="restore", rows=found.done, along=found.along, words="")
    return found


def companions(row: Archivable) -> list[Archivable]:
    """Return what is archived with *row*: it would be of no use without."""
    if isinstance(row, Product):
        return list(own_cad_files([row.pk]))
    if isinstance(row, CadFile):
        return list(row.products.all())
    return []


def own_cad_files(products: Sequence[int]) -> QuerySet[CadFile]:
    """Return the CAD files that these products (ids) have or had, and no other product."""
    used = set(Product.objects.filter(pk__in=products).values_list("cad_file", flat=True))
    for model in HAD:
        rows = model._default_manager.filter(product__in=products).order_by()
        used |= set(rows.values_list("cad_file", flat=True).distinct())
    for some in batches(sorted(used - {None})):
        theirs = Q(cad_file__in=some, product__isnull=False) & ~Q(product__in=products)
        used -= set(
            Product.objects.filter(cad_file__in=some)
            .exclude(pk__in=products)
            .values_list("cad_file", flat=True)
        )
        for model in HAD:
            used -= set(
                model._default_manager.filter(theirs).order_by().values_list("cad_file", flat=True).distinct()
            )
    return CadFile.objects.defer("tree", "report").filter(pk__in=used - {None}).order_by("pk")


def _refusal(row: Archivable) -> str:
    """Return why *row* can't be archived and what to do; "" where it can."""
    if isinstance(row, CadFile):
        for product in row.products.unarchived().filter(revisions__gt=1):
            return _(
                "It is the current CAD file of product {number}. Give the product another one first, or archive "
                "the product."
            ).format(number=product.number)
    if isinstance(row, MediaAsset):
        if row.kind not in MediaAsset.PICTURES:
            return _("Only pictures and films are archived. Other files belong to their CAD file.")
        if _is_shown(row):
            return _(
                "It is the current one of its product and output type. Order a newer one first, or archive the "
                "product."
            )
    return ""


def _is_shown(asset: MediaAsset) -> bool:
    """Whether the matrix shows an asset as current."""
    if freshness.of_assets([asset.pk]).get(asset.pk) != Freshness.CURRENT:
        return False
    lines = asset.order_lines.filter(
        product__archived_at__isnull=True, output_type__in=OutputType.objects.orderable()
    )
    return lines.exists()


def _locked(rows: Sequence[Archivable]) -> list[Archivable]:
    """Return *rows* as they are now; nobody else changes them before the transaction ends."""
    if not rows:
        return []
    found = type(rows[0])._default_manager.filter(pk__in=[row.pk for row in rows])
    return list(found.select_for_update().order_by("pk"))


def _set(row: Archivable, moment: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(archived_at=moment)
    row.archived_at = moment
