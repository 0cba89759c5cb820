"""Share links: created on the page of an asset or an order, listed with their downloads, revoked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext_lazy

from media_assets.models import MediaAsset
from media_assets.serving import html
from media_assets.serving.links import whole
from rendering.delivery import embedding, shares
from rendering.desk.shared.base import ASSETS_JS, RecordAdmin
from rendering.desk.shared.control import ControlAdmin, operator
from rendering.models import ShareLink
from rendering.models.review import withheld
from rendering.models.roles import may

DAYS = (
    (1, gettext_lazy("1 day")),
    (7, gettext_lazy("7 days")),
    (30, gettext_lazy("30 days")),
    (90, gettext_lazy("90 days")),
)
BADGES = {
    "open": ("done", gettext_lazy("Open")),
    "expired": ("canceled", gettext_lazy("Expired")),
    "revoked": ("failed", gettext_lazy("Revoked")),
}
NEEDED = {"asset": "media_assets.view_mediaasset", "order": "rendering.view_order"}


class ShareForm(ModelForm):  # type: ignore[type-arg]
    """What a new link opens comes with the address of the page; how long is asked."""

    days = forms.TypedChoiceField(label=gettext_lazy("Open for"), choices=DAYS, coerce=int, initial=7)

    class Meta:
        model = ShareLink
        fields = ("asset", "order", "note")
        widgets = {"asset": forms.HiddenInput, "order": forms.HiddenInput}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and bool(data.get("asset")) == bool(data.get("order")):
            raise forms.ValidationError(_("Open an asset or an order and press “Share…” there."))
        asset = data.get("asset")
        if asset is not None and asset.pruned:
            raise forms.ValidationError(
                _("Its file was deleted to free space. Order it again, then share it.")
            )
        if asset is not None and asset.pk in withheld([asset.pk]):
            raise forms.ValidationError(_("The picture is not approved. Have it approved, then share it."))
        if "days" in data:
            self.instance.expires = timezone.now() + timedelta(days=data["days"])
        return data


@admin.register(ShareLink)
class ShareLinkAdmin(ControlAdmin, RecordAdmin):
    empty_words = gettext_lazy(
        "A share link lets people without an account download files until a day that you choose. Open an "
        "order or an asset and press Share."
    )
    list_display = ("name", "opens", "state", "downloads", "last_used", "expires", "created_by", "note")
    list_filter = ("created", "expires", "created_by")
    list_select_related = ("asset__product", "order", "created_by")
    search_fields = ("note", "asset__product__number", "=order__id")
    actions = ("revoke",)
    list_per_page = 50
    fields = (
        "address",
        "embed",
        ("state", "opens"),
        "note",
        ("expires", "revoked"),
        ("downloads", "last_used"),
        ("created", "created_by"),
    )
    readonly_fields = (
        "address",
        "embed",
        "state",
        "opens",
        *("expires", "revoked", "downloads", "last_used", "created"),
    )

    class Media:
        css = {"all": ("rendering/shared/media.css",)}
        js = (ASSETS_JS,)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may(request.user, "share")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("rendering.change_sharelink")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        own = kwargs if obj else {**kwargs, "form": ShareForm, "fields": ShareForm.Meta.fields}
        return super().get_form(request, obj, change, **own)

    def get_readonly_fields(self, request: HttpRequest, obj: ShareLink | None = None) -> Any:
        return self.readonly_fields if obj else ()

    def get_fieldsets(self, request: HttpRequest, obj: ShareLink | None = None) -> Any:
        if obj is not None:
            can_embed = obj.state_at(timezone.now()) == "open" and embedding.embedded(obj)
            return [(None, {"fields": [name for name in self.fields if can_embed or name != "embed"]})]
        words = _(
            "Anyone with the link can view and download these files without logging in, until it expires or is revoked."
        )
        return [(None, {"description": words, "fields": ("days", "note", "asset", "order")})]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in NEEDED:
            field = db_field.formfield(widget=forms.HiddenInput())
            field.label = ""
            return field
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Ask for how long; nobody shares what he may not see himself."""
        for name, permission in NEEDED.items():
            if (request.GET.get(name) or request.POST.get(name)) and not request.user.has_perm(permission):
                raise PermissionDenied(_("You may not share what you may not see."))
        more = {
            "title": _("Create a share link"),
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        response: HttpResponse = super().add_view(request, form_url, {**more, **(extra_context or {})})
        return response

    def save_model(self, request: HttpRequest, obj: ShareLink, form: Any, change: bool) -> None:
        obj.created_by = operator(request)
        obj.save()
        MediaAsset.objects.use(list(obj.files()))  # else one of them might be pruned in this instant

    def response_add(
        self, request: HttpRequest, obj: ShareLink, post_url_continue: str | None = None
    ) -> HttpResponse:
        self.message_user(request, _("The link has been created. Copy its address below."), messages.SUCCESS)
        page = "change" if self.has_view_permission(request) else "add"
        return HttpResponseRedirect(self.url(page, *([obj.pk] if page == "change" else [])))

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> ShareLink | None:
        """Return the link with its full address."""
        link = super().get_object(request, *args, **kwargs)
        if link is not None:
            link.whole = whole(shares.path(link))
        return link

    def offers(self, action: str, obj: Any) -> bool:
        return bool(obj.state_at(timezone.now()) == "open")

    @admin.action(permissions=["revoke"], description=gettext_lazy("Revoke"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ShareLink]) -> None:
        happened = [shares.revoke(link) for link in queryset]
        self.report(
            request,
            happened,
            ngettext_lazy(
                "%(count)d link revoked. Anyone who opens it sees that it is no longer valid.",
                "%(count)d links revoked. Anyone who opens one sees that it is no longer valid.",
                "count",
            ),
            ngettext_lazy(
                "%(count)d link had already expired or been revoked.",
                "%(count)d links had already expired or been revoked.",
                "count",
            ),
        )

    @admin.display(description=gettext_lazy("link"), ordering="id")
    def name(self, link: ShareLink) -> str:
        return str(link)

    @admin.display(description=gettext_lazy("address"))
    def address(self, link: ShareLink) -> SafeString:
        whole = getattr(link, "whole", shares.path(link))
        return render_to_string("desk/shares/address.html", {"address": whole})

    @admin.display(description=gettext_lazy("embed in a web page"))
    def embed(self, link: ShareLink) -> SafeString:
        return render_to_string("desk/shares/embed.html", {"embedded": embedding.embedded(link)})

    @admin.display(description=gettext_lazy("opens"))
    def opens(self, link: ShareLink) -> SafeString:
        if link.order_id:
            where = reverse("admin:rendering_order_change", args=[link.order_id])
            return format_html('<a href="{}">{}</a>', where, link.order)
        where = reverse("admin:media_assets_mediaasset_change", args=[link.asset_id])
        product = link.asset.product.number if link.asset and link.asset.product else ""
        return format_html('<a href="{}">{}</a> {}', where, link.asset, product)

    @admin.display(description=gettext_lazy("state"))
    def state(self, link: ShareLink) -> SafeString:
        badge, label = BADGES[link.state_at(timezone.now())]
        return html.badge(badge, str(label))
