"""How many products are ready for each channel, as measured in their newest files."""

from __future__ import annotations

from django.utils.translation import gettext as _

from rendering.models import ChannelProfile
from rendering.orders.channels import compliance
from rendering.reports.scope import Scope
from rendering.reports.table import Column, ColumnUnit, Table, Value


def readiness(scope: Scope) -> Table:
    """Return for each channel how many products are ready now, and the most common reason of the others.

    The period has no part in it; a product or an output type limits it.
    """
    rows: list[list[Value]] = []
    for profile in ChannelProfile.objects.all():
        products = compliance.products_of(profile)
        if scope.product:
            products = products.filter(pk=scope.product.pk)
        if scope.output_type and not profile.outputs.filter(output_type=scope.output_type).exists():
            continue
        found = compliance.summary(profile, products)
        first = f"{found.reasons[0][1]}: {found.reasons[0][0]}" if found.reasons else ""
        rows.append([profile.name, found.total, found.ready, found.total - found.ready, first])
    return Table(
        "channels",
        _("Products ready for channels"),
        _("As of now, of all products that were ordered for a channel; the period does not count."),
        (
            Column("channel", _("Channel")),
            Column("products", _("Products"), ColumnUnit.COUNT),
            Column("ready", _("Ready"), ColumnUnit.COUNT),
            Column("refused", _("Not ready"), ColumnUnit.COUNT),
            Column("reason", _("Most common reason")),
        ),
        rows,
        _("There are no channels yet."),
        bars=("ready", "refused"),
    )
