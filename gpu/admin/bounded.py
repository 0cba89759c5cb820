"""Admin pages that answer whatever their address says: bounded searches, and values that no field can have."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import BaseModelAdmin, IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG, ChangeList
from django.contrib.admin.widgets import AutocompleteMixin, AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import BadRequest, FieldDoesNotExist, FieldError, ValidationError
from django.db import DatabaseError
from django.db.models import Field, ForeignKey, ManyToManyField, Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.text import Truncator, capfirst, smart_split
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

MOST_WORDS = 8  # each one is looked for in every field of the search
LONGEST = 200  # characters of a search
SHOWN = 100  # characters of what was left out
PATTERNS = ("__regex", "__iregex")  # a pattern can take hours for one row
BEYOND = (ValueError, TypeError, LookupError, ArithmeticError, DatabaseError, ValidationError, FieldError)
LARGEST_ID = 2**63 - 1

log = logging.getLogger("renderdesk.desk")


def bounded(search: str) -> tuple[str, str]:
    """Return the part of *search* that is looked for, and the rest that is not."""
    search = search.replace("\x00", "").strip()
    kept, beyond = search[:LONGEST], search[LONGEST:]
    words = list(smart_split(kept))
    if len(words) <= MOST_WORDS:
        return kept, beyond.strip()
    return " ".join(words[:MOST_WORDS]), f"{' '.join(words[MOST_WORDS:])}{beyond}".strip()


def say_what_is_left_out(request: HttpRequest, search: str) -> None:
    """Warn on the page that the end of a long *search* is not looked for."""
    _kept, left_out = bounded(search)
    if left_out:
        words = _(
            "The search is too long: only the first {words} words and {letters} characters count. "
            'Left out: "{left_out}"'
        )
        shown = Truncator(left_out).chars(SHOWN)
        messages.warning(request, words.format(words=MOST_WORDS, letters=LONGEST, left_out=shown))


class BoundedChangeList(ChangeList):
    """A list by an address that may ask for anything: what no row can have leads to the whole list."""

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        try:
            super().__init__(request, *args, **kwargs)
        except BEYOND as error:
            if not request.GET.keys() - {ERROR_FLAG}:
                raise  # no fault of the address
            log.info("The address of a list asks for what no row can have: %s", str(error)[:300])
            raise IncorrectLookupParameters(error) from error


class _Bounded(AutocompleteMixin):
    """A choice by search that shows a form again whatever was sent as chosen."""

    def optgroups(self, name: str, value: Any, attrs: Any = None) -> Any:
        target = self.field.remote_field.model
        return super().optgroups(name, [one for one in value if not one or is_key_of(target, one)], attrs)


class BoundedSelect(_Bounded, AutocompleteSelect):
    """For one."""


class BoundedSelectMultiple(_Bounded, AutocompleteSelectMultiple):
    """For several; without the cross that takes all away, which is no item of their list."""

    def build_attrs(self, base_attrs: Any, extra_attrs: Any = None) -> dict[str, Any]:
        return {**super().build_attrs(base_attrs, extra_attrs), "data-allow-clear": "false"}


class BoundedChoices(BaseModelAdmin):  # type: ignore[type-arg]
    """Forms and inlines whose choices by search are such."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = BoundedSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: Any = None, **kwargs: Any) -> Any:
        if "widget" not in kwargs and db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = BoundedSelectMultiple(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_manytomany(db_field, request, **kwargs)


class BoundedAdmin(BoundedChoices, admin.ModelAdmin):  # type: ignore[type-arg]
    """What every page of the admin keeps to; a test holds it for each registered model.

    `empty_words` stand in its list while that is empty: what it is for, and what to do.
    """

    empty_words: ClassVar[StrPromise | str] = ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return BoundedChangeList

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Return the list; say what of the search or of the address did not count."""
        if ERROR_FLAG in request.GET:
            messages.warning(
                request, _("The address asked for something that no row can have. All rows are shown.")
            )
        if self.get_search_fields(request):
            say_what_is_left_out(request, request.GET.get("q", ""))
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, bounded(search_term)[0])

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return not lookup.endswith(PATTERNS) and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any | None:
        """Return the row of an address; None for what no row is called by."""
        if "\x00" in object_id:
            return None
        return super().get_object(request, object_id, from_field or None)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show or save a form. Raises BadRequest where a copy is asked for that the page does not offer."""
        if "_saveasnew" in request.POST and not self.save_as:
            raise BadRequest(_("This page makes no copies."))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return what the address fills in, without values that their fields can't have."""
        found = super().get_changeform_initial_data(request)
        return {name: value for name, value in found.items() if self._can_be(name, value)}

    def _can_be(self, name: str, value: Any) -> bool:
        try:
            field = self.opts.get_field(name)
        except FieldDoesNotExist:
            return True
        if isinstance(field, ManyToManyField):
            return all(is_key_of(field.related_model, one) for one in value)
        if isinstance(field, ForeignKey):
            return value == "" or is_key_of(field.related_model, value)
        return not isinstance(field, Field) or _is_value_of(field, value)

    def response_action(
        self, request: HttpRequest, queryset: QuerySet[Any], *args: Any
    ) -> HttpResponse | None:
        """Do an action with the chosen rows. Raises BadRequest where a choice is no id at all."""
        for text in request.POST.getlist(ACTION_CHECKBOX_NAME):
            if not is_key_of(self.model, text):
                raise BadRequest(_("What was chosen are no rows of this list."))
        return super().response_action(request, queryset, *args)


def is_key_of(model: type[Model], text: str) -> bool:
    """Whether *text* can be the primary key of a row of *model*."""
    return _is_value_of(model._meta.pk, text)


def _is_value_of(field: Field[Any, Any], text: str) -> bool:
    try:
        value = field.to_python(text)
    except BEYOND:
        return False
    if isinstance(value, int):
        return abs(value) <= LARGEST_ID
    return "\x00" not in text
