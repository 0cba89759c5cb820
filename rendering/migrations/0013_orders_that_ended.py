"""Orders that ended before there was news have ended: nobody is told of them now."""

from __future__ import annotations

from typing import Any

from django.db import migrations
from django.db.models import Exists, F, Max, OuterRef, Subquery
from django.db.models.functions import Coalesce


def mark(apps: Any, schema_editor: Any) -> None:
    orders = apps.get_model("rendering", "Order").objects.all()
    lines = apps.get_model("rendering", "OrderLine").objects.filter(order=OuterRef("pk")).order_by()
    last = lines.values("order").annotate(last=Max("finished")).values("last")
    live = lines.filter(state__in=["pending", "working"])
    orders.exclude(Exists(live)).update(finished=Coalesce(Subquery(last), F("created")))


class Migration(migrations.Migration):
    dependencies = [("rendering", "0012_news")]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
