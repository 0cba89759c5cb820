"""What people can put away: archived rows are in no list, picker or search, and come back with one click."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import connections, models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from media_assets.models.sight import SightQuerySet

ARCHIVED = models.Q(archived_at__isnull=False)  # few rows: an index of these alone
Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


class ArchivableQuerySet(SightQuerySet[Row_co]):
    def unarchived(self) -> Self:
        return self.filter(archived_at__isnull=True)

    def held(self) -> set[int]:
        """Return the ids of these rows; nobody deletes them before the transaction ends.

        As weak as the lock of a foreign key: orders of the same product do not wait for each other.
        """
        ids = self.order_by("pk").values_list("pk", flat=True)
        connection = connections[self.db]
        if connection.vendor != "postgresql":
            return set(ids)  # one writer at a time
        sql, params = ids.query.sql_with_params()
        with connection.cursor() as cursor:
            cursor.execute(f"{sql} FOR KEY SHARE", params)
            return {pk for (pk,) in cursor.fetchall()}


class Archivable(models.Model):
    """A row that can be archived. Who did it is in the history."""

    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def unique_error_message(
        self, model_class: type[models.Model], unique_check: Iterable[str]
    ) -> ValidationError:
        """Say so where it is an archived row that has the same number: lists do not show it."""
        names = list(unique_check)
        same: Any = {name: getattr(self, name) for name in names}
        other = model_class._default_manager.filter(**same, archived_at__isnull=False).first()
        if other is None:
            return super().unique_error_message(model_class, unique_check)  # type: ignore[arg-type]
        return ValidationError(
            gettext("{name} is archived. Bring it back, or choose another {field}.").format(
                name=other,
                field=model_class._meta.get_field(names[0]).verbose_name,  # type: ignore[union-attr]
            ),
            code="unique",
        )
