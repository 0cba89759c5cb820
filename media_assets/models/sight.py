"""Which rows a person may see: whoever is confined to some customers sees what belongs to their products alone.

The default managers of what belongs to products narrow every query of a request to that, so a page that asks for
nothing special shows nothing else, counts included. RULES has the condition for each model.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.fields.related_descriptors import ForwardManyToOneDescriptor
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Row_co = TypeVar("Row_co", bound=models.Model, covariant=True)


@dataclass(frozen=True)
class Sight:
    """A confined person (id), and the customers (ids) whose products they see."""

    user: int
    customers: frozenset[int]


class CustomerAccess(models.Model):
    """A customer whose products a person, or the people of a group, may see: once there is one, no others."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, null=True, blank=True, related_name="customer_access"
    )
    group = models.ForeignKey(
        "auth.Group", models.CASCADE, null=True, blank=True, related_name="customer_access"
    )
    customer = models.ForeignKey(
        "media_assets.Customer", models.PROTECT, related_name="+", verbose_name=_("customer")
    )

    class Meta:
        default_permissions = ()
        verbose_name = _("only this customer")
        verbose_name_plural = _("only these customers")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, group__isnull=True)
                | models.Q(user__isnull=True, group__isnull=False),
                name="customeraccess_of_one",
            ),
            models.UniqueConstraint(fields=["user", "customer"], name="customeraccess_user_once"),
            models.UniqueConstraint(fields=["group", "customer"], name="customeraccess_group_once"),
        ]

    def __str__(self) -> str:
        return str(self.customer)


def sight_of(user: Any) -> Sight | None:
    """Return what *user* is confined to; None for everybody else: no customer named, superusers, nobody logged in."""
    if user is None or not user.pk or user.is_superuser:
        return None
    if not hasattr(user, "_sight"):
        own = models.Q(user=user.pk) | models.Q(group__user=user.pk)
        ids = frozenset(CustomerAccess.objects.filter(own).values_list("customer", flat=True))
        user._sight = Sight(user.pk, ids) if ids else None
    found: Sight | None = user._sight
    return found


_request: ContextVar[Any] = ContextVar("renderdesk_sight", default=None)


def now() -> Sight | None:
    """Return what the person of this request is confined to; None outside of requests, as in workers."""
    request = _request.get()
    return None if request is None else sight_of(getattr(request, "user", None))


@contextmanager
def of_request(request: Any) -> Iterator[None]:
    """Narrow what is asked for inside to what the user of *request* may see; a token's owner comes in later."""
    token = _request.set(request)
    try:
        yield
    finally:
        _request.reset(token)


class of_everybody(ContextDecorator):  # read as "with sight.of_everybody()"
    """Work with all rows inside: what it is about has been found by somebody who may see it."""

    def _recreate_cm(self) -> Self:
        return type(self)()

    def __enter__(self) -> Self:
        self._token: Token[Any] = _request.set(None)
        return self

    def __exit__(self, *_error: object) -> None:
        _request.reset(self._token)


RULES: dict[type[models.Model], Callable[[Sight], models.Q]] = {}


class SightQuerySet(models.QuerySet[Row_co]):
    """Rows that belong to products. What a manager begins with are those that may be seen now."""

    def __init__(self, model: Any = None, query: Any = None, using: Any = None, hints: Any = None) -> None:
        super().__init__(model, query, using, hints)
        if query is None and model is not None and (sight := now()):
            self.query.add_q(RULES[model](sight))

    def visible_to(self, user: Any) -> Self:
        """Return those that *user* may see."""
        sight = sight_of(user)
        return self if sight is None else self.filter(RULES[self.model](sight))


class SightManager(models.Manager[Row_co]):
    """For models that need no more."""

    _queryset_class = SightQuerySet


def regardless(model: type[models.Model]) -> Any:
    """Return all rows, for what is about the whole: whether a number is free, whether bytes are known."""
    with of_everybody():
        return model._default_manager.all()


class _SeenOrNone(ForwardManyToOneDescriptor):  # type: ignore[type-arg]
    def __get__(self, instance: Any, cls: Any = None) -> Any:
        found = super().__get__(instance, cls)
        return found if instance is None or found is None or sees(found) else None


class ProductKey(models.ForeignKey):  # type: ignore[type-arg]
    """To a product that other people's pictures may share: to whom may not see it, there is none."""

    forward_related_accessor_class = _SeenOrNone

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.ForeignKey", args, kwargs


def sees(product: Any) -> bool:
    """Whether whoever acts now may see *product*."""
    sight = now()
    return sight is None or product.customer_id in sight.customers


def among(path: str, model: Any) -> models.Q:
    """Return the condition for counting at the end of *path* only the rows of *model* that are seen now."""
    return models.Q() if now() is None else models.Q(**{f"{path}__in": model.objects.order_by()})


def customer_of_new(chosen: int | None = None) -> int | None:
    """Return the id of the customer that a new product gets: the *chosen* one, the only one of a confined person.

    Raises ValidationError for another one, and where a confined person has to say which.
    """
    sight = now()
    if sight is None or chosen in sight.customers:
        return chosen
    if chosen is None and len(sight.customers) == 1:
        return next(iter(sight.customers))
    raise ValidationError(
        gettext("Choose the customer of the new product: one of those whose products you see.")
    )


class UniqueForAll:
    """A model whose unique fields count for all rows, and do not tell of those that somebody may not see."""

    def validate_unique(self, exclude: Any = None) -> None:
        super().validate_unique(exclude)  # type: ignore[misc]
        try:
            with of_everybody():
                super().validate_unique(exclude)  # type: ignore[misc]
        except ValidationError as error:
            words = gettext("This is taken already. Choose another one.")
            raise ValidationError(dict.fromkeys(error.error_dict, words)) from None
