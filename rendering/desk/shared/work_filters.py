"""Filters of the lists of orders and jobs whose choices cost nothing, however many rows there are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from gpu.models import Worker
from gpu.queues import topology
from rendering.models import Job, Order, OrderLine


class LinesFilter(admin.SimpleListFilter):
    """Orders that have a line in this state."""

    title = gettext_lazy("state of a line")
    parameter_name = "lines__state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(value), str(label)) for value, label in OrderLine.State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        value = self.value()
        if value not in OrderLine.State.values:
            return queryset
        return queryset.filter(pk__in=OrderLine.objects.filter(state=value).order_by().values("order"))


class FieldFilter(admin.SimpleListFilter):
    """Jobs with one value of a field; the choices come from elsewhere than from all jobs."""

    def choices_of(self) -> Iterable[str]:
        raise NotImplementedError

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        chosen = request.GET.get(str(self.parameter_name), "")
        return [(value, value) for value in sorted({*self.choices_of(), chosen} - {""})]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Job]) -> QuerySet[Job]:
        return queryset.filter(**{str(self.parameter_name): self.value()}) if self.value() else queryset


class QueueFilter(FieldFilter):
    """The queues that there are now, and those that workers have served."""

    title = gettext_lazy("queue")
    parameter_name = "queue"

    def choices_of(self) -> Iterable[str]:
        known = Worker.objects.order_by().values_list("queue", flat=True).distinct()
        return {*(queue.name for queue in topology.current().queues), *known}


class ErrorFilter(FieldFilter):
    """The errors that jobs have: a partial index holds these alone."""

    title = gettext_lazy("error code")
    parameter_name = "error_code"

    def choices_of(self) -> Iterable[str]:
        return (
            Job.objects.filter(error_code__gt="").order_by().values_list("error_code", flat=True).distinct()
        )
