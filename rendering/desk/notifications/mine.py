"""The page on which users choose for which of their orders they get e-mails."""

from __future__ import annotations

from django.contrib import admin, messages
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from rendering.desk.shared.control import operator
from rendering.models import NewsChoice


class ChoiceForm(ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = NewsChoice
        fields = ("on_finished", "on_failed")


@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest) -> HttpResponse:
    """Show the choice of the user, or save it."""
    user = operator(request)
    choice = NewsChoice.objects.filter(user=user).first() or NewsChoice(user=user)
    form = ChoiceForm(request.POST if request.method == "POST" else None, instance=choice)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("admin:my_news"))
    context = {
        **admin.site.each_context(request),
        "title": _("My notifications"),
        "form": form,
        "email": user.email if user else "",
    }
    return TemplateResponse(request, "desk/notifications/mine.html", context)
