"""The admin site: Django's own, with the desk as its first page and the models in the order of the work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.contrib.admin import AdminSite
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import REDIRECT_FIELD_NAME as NEXT
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_safe
from django.views.i18n import JavaScriptCatalog

from rendering.desk.home import queues
from rendering.desk.home.page import desk
from rendering.desk.notifications import mine
from rendering.desk.people import preferences
from rendering.desk.people.log_in import LogIn, by_provider, log_out_there
from rendering.desk.reports import page
from rendering.desk.reviews import page as reviews
from rendering.desk.search import page as search
from rendering.desk.search import shortcuts
from rendering.desk.storage import page as storage

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class OwnPage:
    """A page without a model of its own that the side bar has beside the models, for those who may see it."""

    label: StrPromise
    name: str  # of its address
    permissions: tuple[str, ...]


PAGES = {
    "Deliverables": OwnPage(
        gettext_lazy("Deliverables"),
        "admin:rendering_matrix",
        ("rendering.view_order", "media_assets.view_product"),
    ),
    "Reports": OwnPage(gettext_lazy("Reports"), "admin:reports", ("rendering.view_reports",)),
    "Verify": OwnPage(gettext_lazy("Verify a file"), "verifying:page", ("media_assets.view_mediaasset",)),
    "Storage": OwnPage(gettext_lazy("Storage"), "admin:storage", ("gpu.view_systemsettings",)),
}
GROUPS: tuple[tuple[StrPromise, str, tuple[str, ...]], ...] = (
    (gettext_lazy("Orders & jobs"), "rendering", ("Deliverables", "Order", "Job")),
    (
        gettext_lazy("Products & CAD"),
        "media_assets",
        ("Product", "CadFile", "Customer", "Collection", "Tag", "SourceSystem"),
    ),
    (gettext_lazy("Reports & activity"), "rendering", ("Reports", "HistoryEntry")),
    (
        gettext_lazy("What can be ordered"),
        "rendering",
        (
            "OutputType",
            "ChannelProfile",
            "Environment",
            "Studio",
            "ColorProfile",
            "Workflow",
            "MaterialRule",
            "Finish",
            "Texture",
            "Label",
        ),
    ),
    (gettext_lazy("Media"), "media_assets", ("MediaAsset", "Verify")),
    (gettext_lazy("Share links"), "rendering", ("ShareLink",)),
    (
        gettext_lazy("GPUs & workers"),
        "gpu",
        ("SystemSettings", "Storage", "GpuDevice", "Worker", "GpuProbe"),
    ),
    (gettext_lazy("Notifications"), "rendering", ("Alert", "Webhook", "Notification")),
    (gettext_lazy("Programs"), "rendering", ("ApiToken",)),
    (gettext_lazy("Users"), "auth", ("User", "Group")),
)


class DeskSite(AdminSite):
    site_header = "Renderdesk"
    site_title = "Renderdesk"
    index_title = gettext_lazy("Desk")
    site_url = None
    index_template = "desk/home/index.html"
    logout_template = "desk/people/logged_out.html"

    _is_filled = False

    @property
    def _registry(self) -> dict[Any, Any]:
        """The pages of models, imported with the first question: it takes a second, and workers seldom ask."""
        if not self._is_filled:
            self._fill()
        return self._pages

    @_registry.setter
    def _registry(self, pages: dict[Any, Any]) -> None:
        self._pages = pages

    def _fill(self) -> None:
        self._is_filled = True
        try:
            autodiscover_modules("admin")
            # Autodiscovery finds this package imported already, before there were models, and passes it by.
            import_module("rendering.desk.registry")
            import_module("rendering.desk.labels").translate()
        except BaseException:
            self._is_filled = False
            raise

    def register(self, *models: Any, **options: Any) -> None:
        """Register a page, also where it is imported before the others."""
        was_filled, self._is_filled = self._is_filled, True
        try:
            super().register(*models, **options)
        finally:
            self._is_filled = was_filled

    def get_urls(self) -> list[Any]:
        urls: Iterable[URLPattern | URLResolver] = [
            path("desk/live/", self.admin_view(require_safe(self.live)), name="desk_live"),
            path("reports/", self.admin_view(require_safe(page.page)), name="reports"),
            path("reports/<slug:name>/", self.admin_view(require_safe(page.section)), name="report_section"),
            path(
                "reports/<slug:name>.<str:kind>",
                self.admin_view(require_safe(page.download)),
                name="report_download",
            ),
            path("search/", self.admin_view(require_safe(search.page)), name="search"),
            path("storage/", self.admin_view(require_safe(storage.page)), name="storage"),
            path("storage/prune/", self.admin_view(storage.prune), name="storage_prune"),
            *(
                path(f"queues/<str:name>/{verb}/", self.admin_view(view), name=f"queue_{verb}")
                for verb, view in queues.VIEWS.items()
            ),
            path("pictures/review/", self.admin_view(reviews.first), name="review_next"),
            path(
                "pictures/<int:pk>/review/",
                self.admin_view(reviews.page),
                name="media_assets_mediaasset_review",
            ),
            path("my-news/", self.admin_view(mine.answer), name="my_news"),
            path("preferences/", self.admin_view(preferences.page), name="preferences"),
        ]
        return [*urls, *super().get_urls()]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[dict[str, Any]]:
        """Return the models in groups, in the order of the work; what no group names comes last."""
        if app_label:
            return super().get_app_list(request, app_label)
        apps = self._build_app_dict(request)
        models = {
            (label, model["object_name"]): model for label, app in apps.items() for model in app["models"]
        }
        pages = {
            name: _entry(name, one) for name, one in PAGES.items() if request.user.has_perms(one.permissions)
        }
        groups = [
            self._group(
                str(name),
                label,
                [
                    pages[one] if one in pages else models.pop((label, one))
                    for one in wanted
                    if one in pages or (label, one) in models
                ],
            )
            for name, label, wanted in GROUPS
        ]
        rest = [self._group(apps[label]["name"], label, [model]) for (label, _), model in models.items()]
        return [group for group in [*groups, *rest] if group["models"]]

    def _group(self, name: str, app_label: str, models: list[dict[str, Any]]) -> dict[str, Any]:
        url = next((model["admin_url"] for model in models if model.get("admin_url")), "")
        return {
            "name": name,
            "app_label": app_label,
            "app_url": url,
            "has_module_perms": True,
            "models": models,
        }

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page has, with the shortcuts that lead where this user may go."""
        return {**super().each_context(request), "shortcuts": shortcuts.of(request.user)}

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Show the log-in, or the desk to whoever is logged in already."""
        home = reverse("admin:index")
        if request.method == "GET" and self.has_permission(request):
            return HttpResponseRedirect(home)
        context = {
            **self.each_context(request),
            "title": gettext("Log in"),
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **({} if NEXT in request.GET or NEXT in request.POST else {NEXT: home}),
            **by_provider(request),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return LogIn.as_view(
            extra_context=context,
            authentication_form=AdminAuthenticationForm,
            template_name="desk/people/log_in.html",
        )(request)

    def i18n_javascript(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Return the translations of all scripts, not only of the admin's own."""
        return JavaScriptCatalog().get(request)

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().logout(request, {**log_out_there(request), **(extra_context or {})})

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return super().index(request, {**desk(request.user), **(extra_context or {})})

    def live(self, request: HttpRequest) -> HttpResponse:
        """Return the desk's panels alone, for the page that refreshes itself."""
        return TemplateResponse(request, "desk/home/panels.html", desk(request.user))


def _entry(name: str, one: OwnPage) -> dict[str, Any]:
    """Return a page as Django's side bar has models."""
    return {
        "name": one.label,
        "object_name": name,
        "admin_url": reverse(one.name),
        "add_url": None,
        "view_only": True,
    }
