"""The pages of channels beside their form: adding shipped profiles, which products are ready, and their archive."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from gpu.admin.bounded import bounded, say_what_is_left_out
from rendering import history
from rendering.catalog.channels.names import BadPattern
from rendering.catalog.channels.rules import RULES, Demand
from rendering.delivery import archives
from rendering.desk.orders import archive as order_archive
from rendering.desk.shared.large import LargePaginator
from rendering.models import ChannelProfile, HistoryEntry
from rendering.models.roles import may
from rendering.orders import OrderRefused
from rendering.orders.channels import compliance, profiles

PER_PAGE = 40
MOST_PACKED = 2000  # products of one archive


def may_look(request: HttpRequest) -> bool:
    """Return whether the user may look at channels and at what products have."""
    return request.user.has_perms(
        ("rendering.view_channelprofile", "media_assets.view_product", "rendering.view_order")
    )


def shipped(request: HttpRequest) -> HttpResponse:
    """Show the profiles that Renderdesk ships and that are not there; a POST adds one."""
    if not request.user.has_perm("rendering.add_channelprofile"):
        raise PermissionDenied
    if request.method == "POST":
        try:
            made = profiles.add(request.POST.get("slug", "")[:60], request.user.get_username())
        except OrderRefused as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(reverse("admin:rendering_channelprofile_shipped"))
        messages.success(request, _("%(channel)s was added with its output types.") % {"channel": made})
        return HttpResponseRedirect(reverse("admin:rendering_channelprofile_change", args=[made.pk]))
    context = {
        **admin.site.each_context(request),
        "title": _("Add a shipped profile"),
        "opts": ChannelProfile._meta,
        "shipped": [
            {
                "one": one,
                "unread": sum(not rule.read_on for rule in one.rules),
                "rules": len(one.rules),
            }
            for one in profiles.to_add()
        ],
    }
    return TemplateResponse(request, "desk/channels/shipped.html", context)


@require_safe
def products(request: HttpRequest, pk: int) -> HttpResponse:
    """Show which products are ready for a channel, and why the others are not."""
    if not may_look(request):
        raise PermissionDenied
    profile = get_object_or_404(ChannelProfile, pk=pk)
    query = bounded(request.GET.get("q", ""))[0]
    say_what_is_left_out(request, request.GET.get("q", ""))
    found = compliance.products_of(profile)
    if query:
        found = found.filter(Q(number__icontains=query) | Q(name__icontains=query))
    page = LargePaginator(found, PER_PAGE).get_page(request.GET.get("p", "1"))
    checker = compliance.Checker.of(profile)
    rules = profile.rules.all()
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "title": _("Readiness for %(channel)s") % {"channel": profile},
        "opts": ChannelProfile._meta,
        "profile": profile,
        "summary": compliance.summary(profile),
        "query": query,
        "page": page,
        "earlier": _address(pk, query, page.previous_page_number()) if page.has_previous() else "",
        "later": _address(pk, query, page.next_page_number()) if page.has_next() else "",
        "rows": checker.check(list(page)),
        "outputs": checker.outputs,
        "rules": [
            {"rule": one, "words": Demand(one.kind, one.value).words} for one in rules if one.kind in RULES
        ],
        "may_order": may(request.user, "order"),
        "may_download": order_archive.may_download(request),
    }
    return TemplateResponse(request, "desk/channels/products.html", context)


@require_POST
def archive(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Return the archive of everything that is ready for a channel, named as the channel asks for."""
    if not (may_look(request) and order_archive.may_download(request)):
        raise PermissionDenied(_("You may not download pictures. Ask an administrator for the permission."))
    profile = get_object_or_404(ChannelProfile, pk=pk)
    back = HttpResponseRedirect(reverse("admin:rendering_channelprofile_products", args=[pk]))
    wanted = list(compliance.products_of(profile)[: MOST_PACKED + 1])
    if len(wanted) > MOST_PACKED:
        words = _("An archive holds up to %(most)d products. Download their orders one by one.")
        messages.error(request, words % {"most": MOST_PACKED})
        return back
    try:
        packing = archives.packed_for(profile, archives.of_channel(profile, wanted))
    except BadPattern as error:
        messages.error(request, str(error))
        return back
    if not packing.entries:
        messages.warning(request, _("Nothing is ready for this channel yet."))
        return back
    count = len(packing.entries)
    name = ngettext("%(count)d file of %(what)s", "%(count)d files of %(what)s", count)
    history.record(
        HistoryEntry.Verb.DOWNLOAD, profile, count=count, name=name % {"count": count, "what": profile}
    )
    return archives.response(packing, f"{profile.slug}.zip")


def _address(pk: int, query: str, page: int) -> str:
    words = {name: value for name, value in (("q", query), ("p", page if page > 1 else "")) if value}
    address = reverse("admin:rendering_channelprofile_products", args=[pk])
    return address + (f"?{urlencode(words)}" if words else "")
