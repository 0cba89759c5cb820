"""API tokens: made here, shown once, revoked. A token acts as its owner."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from media_assets.serving import html
from rendering.desk.shared.base import RecordAdmin
from rendering.desk.shared.control import ControlAdmin
from rendering.models import ApiToken
from rendering.models.api_token import TokenScope

BADGES = {
    "open": ("done", gettext_lazy("Open")),
    "expired": ("canceled", gettext_lazy("Expired")),
    "revoked": ("failed", gettext_lazy("Revoked")),
}


class TokenForm(ModelForm):  # type: ignore[type-arg]
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("Scopes"),
        choices=TokenScope.choices,
        initial=[TokenScope.READ.value],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("What it is for. Your own permissions limit it as well."),
    )

    class Meta:
        model = ApiToken
        fields = ("name", "scopes", "expires")

    def clean_expires(self) -> Any:
        when = self.cleaned_data["expires"]
        if when and when <= timezone.now():
            raise forms.ValidationError(_("Choose a time that is still to come."))
        return when


@admin.register(ApiToken)
class ApiTokenAdmin(ControlAdmin, RecordAdmin):
    empty_words = gettext_lazy(
        "An API token lets a program upload, order and download. Add one for each program."
    )
    list_display = ("name", "owner", "scopes_said", "state", "public", "last_used", "expires", "created")
    list_filter = ("owner",)
    list_select_related = ("owner",)
    search_fields = ("name", "public", "owner__username")
    actions = ("revoke",)
    fields = ("name", "owner", "scopes_said", "state", "public", "expires", "created", "last_used", "revoked")
    readonly_fields = fields

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rendering.add_apitoken")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rendering.change_apitoken")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        own = kwargs if obj else {**kwargs, "form": TokenForm, "fields": TokenForm.Meta.fields}
        return super().get_form(request, obj, change, **own)

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        if obj is not None:
            return [(None, {"fields": self.fields})]
        words = _("A program with this token acts as you. Its key is shown once, after you have saved.")
        return [(None, {"description": words, "fields": TokenForm.Meta.fields})]

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        more = {
            "title": _("Make an API token"),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        response: HttpResponse = super().add_view(request, form_url, {**more, **(extra_context or {})})
        return response

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        assert isinstance(request.user, User)
        obj.owner = request.user  # nobody makes a key to another person's permissions
        obj.once = obj.new_key()  # type: ignore[attr-defined]
        obj.save()

    def response_add(
        self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the key, on this page alone."""
        context = {
            **self.admin_site.each_context(request),
            "title": _("API token {name}").format(name=obj),
            "opts": self.opts,
            "key": obj.once,  # type: ignore[attr-defined]
            "token": obj,
        }
        return TemplateResponse(request, "desk/tokens/made.html", context)

    def offers(self, action: str, obj: Any) -> bool:
        return bool(obj.state == "open")

    @admin.action(permissions=["revoke"], description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        happened = []
        for token in queryset:
            happened.append(token.revoked is None)
            token.revoke()
        self.report(
            request,
            happened,
            ngettext_lazy(
                "%(count)d token revoked. Programs that use it are refused from now on.",
                "%(count)d tokens revoked. Programs that use them are refused from now on.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d token had been revoked before.",
                "%(count)d tokens had been revoked before.",
                "count",
            ),
        )

    @admin.display(description=gettext_lazy("scopes"))
    def scopes_said(self, token: ApiToken) -> str:
        return ", ".join(str(TokenScope(name).label) for name in token.scopes)

    @admin.display(description=gettext_lazy("state"))
    def state(self, token: ApiToken) -> SafeString:
        badge, label = BADGES[token.state]
        return html.badge(badge, str(label))
