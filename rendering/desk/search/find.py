"""One search over products, orders, parts and jobs. Each kind is asked for so many rows and no more."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, PermissionsMixin
from django.db.models import Case, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext_lazy

from gpu.admin.bounded import LARGEST_ID
from media_assets.models import CadFile, Product
from media_assets.serving import html
from rendering.desk.jobs import cells
from rendering.desk.shared.base import picture_of
from rendering.models import Job, Order

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LAST_NUMBER = re.compile(r"(?:^|\s)#?(\d{1,18})$")


@dataclass(frozen=True)
class Hit:
    """One row that was found: where it is, what it is called, and what else helps to tell it."""

    url: str
    name: str
    about: str = ""
    picture: Any = None  # what `thumb` shows; None without one


@dataclass(frozen=True)
class Hits:
    """What was found of one kind; *more*: the list of all, where there are more."""

    label: StrPromise
    hits: list[Hit]
    more: str = ""


def find(text: str, user: AbstractBaseUser | AnonymousUser, most: int) -> list[Hits]:
    """Return up to *most* rows of each kind that this user may see; kinds without any are left out."""
    if not text or not isinstance(user, PermissionsMixin):
        return []
    found = []
    for permission, label, rows, list_of in KINDS:
        if not user.has_perm(permission):
            continue
        some = list(rows(text, most + 1, user.has_perm("media_assets.view_mediaasset")))
        address = f"{reverse(list_of)}?" if len(some) > most and list_of else ""
        if some:
            found.append(Hits(label, some[:most], address))
    return found


def matching_products(rows: QuerySet[Product], text: str) -> QuerySet[Product]:
    """Return those of *rows* whose number or name has *text*, the most alike first."""
    wanted = Q(number__icontains=text) | Q(name__icontains=text)
    rank = Case(
        When(number__iexact=text, then=Value(0)), When(number__istartswith=text, then=Value(1)), default=2
    )
    return rows.filter(wanted).order_by(rank, "number")


def _products(text: str, most: int, with_pictures: bool) -> Iterable[Hit]:
    rows = matching_products(Product.objects.unarchived(), text)
    rows = rows.annotate(picture_of=html.newest_picture("cad_file") if with_pictures else html.NO_PICTURE)
    for one in rows[:most]:
        picture = picture_of(one)
        about = "" if one.name in ("", one.number) else one.name
        yield Hit(_change(one), one.number, about, html.thumb(picture, "") if picture else None)


def _orders(text: str, most: int, with_pictures: bool) -> Iterable[Hit]:
    rows = Order.objects.filter(_number(text) | Q(note__icontains=text)).select_related("ordered_by")
    for one in rows.order_by("-pk")[:most]:
        who = one.ordered_by.get_username() if one.ordered_by else one.get_trigger_display()
        yield Hit(_change(one), str(one), " · ".join(filter(None, (str(who), one.note[:80]))))


def _parts(text: str, most: int, with_pictures: bool) -> Iterable[Hit]:
    """Files by their own name, or by those of their parts."""
    files = CadFile.objects.unarchived().filter(
        Q(original_name__icontains=text) | Q(part_names__icontains=text)
    )
    files = files.only("original_name", "part_names", "created").prefetch_related("products")
    for one in files[:most]:
        names = [name for name in one.part_names.splitlines() if text.lower() in name.lower()]
        products = ", ".join(product.number for product in one.products.all()[:3])
        yield Hit(
            _change(one),
            names[0] if names else one.original_name,
            " · ".join(filter(None, (one.original_name if names else "", products))),
        )


def _jobs(text: str, most: int, with_pictures: bool) -> Iterable[Hit]:
    wanted = _number(text)
    for one in cells.light(Job.objects.filter(wanted))[:most] if wanted != NONE else ():
        yield Hit(
            _change(one),
            str(one),
            " · ".join(map(str, (one.number or one.cad_words, one.get_state_display()))),
        )


NONE = Q(pk__in=())


def _number(text: str) -> Q:
    """The condition of a row's id, where *text* ends with a number: "Order 12", "12", "#12"."""
    found = LAST_NUMBER.search(text)
    return Q(pk=int(found[1])) if found and int(found[1]) <= LARGEST_ID else NONE


def _change(row: Any) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


# What may see a kind, what it is called, its rows, and its list with a search of its own.
KINDS: tuple[tuple[str, StrPromise, Callable[[str, int, bool], Iterable[Hit]], str], ...] = (
    (
        "media_assets.view_product",
        gettext_lazy("Products"),
        _products,
        "admin:media_assets_product_changelist",
    ),
    ("rendering.view_order", gettext_lazy("Orders"), _orders, "admin:rendering_order_changelist"),
    (
        "media_assets.view_cadfile",
        gettext_lazy("Parts and CAD files"),
        _parts,
        "admin:media_assets_cadfile_changelist",
    ),
    ("rendering.view_job", gettext_lazy("Jobs"), _jobs, "admin:rendering_job_changelist"),
)
