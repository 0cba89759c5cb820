"""What pictures cost: the seconds that Cycles sampled, by output type and by product."""

from __future__ import annotations

from django.db.models import Count, FloatField, Q, Sum, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext as _

from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table

SAMPLED = Cast(KT("seconds__sample"), FloatField())


def _total(condition: Q) -> Coalesce:
    return Coalesce(Sum("sampled", filter=condition), Value(0.0), output_field=FloatField())


def _ranked(
    scope: Scope, field: str, kept: str | Value, name: str, title: str, label: str, gone: str
) -> Table:
    rows = (
        scope.renders()
        .annotate(sampled=SAMPLED)
        .values(who=Coalesce(field, kept))
        .annotate(renders=Count("pk"), gpu=_total(Q(device_used="GPU")), cpu=_total(~Q(device_used="GPU")))
        .order_by("-gpu", "-cpu", "who")
        .values_list("who", "renders", "gpu", "cpu")
    )
    found = [
        (who or gone, renders, gpu, cpu, (gpu + cpu) / renders)
        for who, renders, gpu, cpu in rows[: scope.top]
    ]
    return Table(
        name,
        title,
        _(
            "Seconds that Cycles sampled, in renders that succeeded. A render shared by several output types counts "
            "for the first that needed it. The first {count} are shown."
        ).format(count=scope.top),
        (
            Column(name.removesuffix("s").replace("-", "_"), label),
            Column("renders", _("Renders"), ColumnUnit.COUNT),
            Column("gpu_seconds", "GPU", ColumnUnit.SECONDS),
            Column("cpu_seconds", "CPU", ColumnUnit.SECONDS),
            Column("mean_seconds", _("Average"), ColumnUnit.SECONDS),
        ),
        found,
        _("Nothing was rendered in this period."),
        bars=("gpu_seconds", "cpu_seconds"),
    )


def by_output_type(scope: Scope) -> Table:
    """Return render seconds by output type (slug), most GPU seconds first: one query."""
    return _ranked(
        scope,
        "output_type__slug",
        "output_slug",
        "output-types",
        _("Render time by output type"),
        _("Output type"),
        _("(deleted)"),
    )


def by_product(scope: Scope) -> Table:
    """Return render seconds by product number, most GPU seconds first: one query."""
    return _ranked(
        scope,
        "product__number",
        "product_number",
        "products",
        _("Render time by product"),
        _("Product"),
        _("(none)"),
    )


def by_customer(scope: Scope) -> Table:
    """Return render seconds by customer, most GPU seconds first: one query."""
    return _ranked(
        scope,
        "product__customer__name",
        Value(""),
        "customers",
        _("Render time by customer"),
        _("Customer"),
        _("(none)"),
    )
