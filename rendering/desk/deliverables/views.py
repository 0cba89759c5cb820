"""The views of the deliverables that a person has saved: saving and deleting them."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rendering.desk.deliverables.choice import MatrixChoice
from rendering.desk.shared.control import operator
from rendering.models import DeliverablesView, OutputType

MOST = 30  # views of one person
LONGEST = 60  # characters of a name


@require_POST
def answer(request: HttpRequest) -> HttpResponse:
    """Save the chosen columns, states and search under a name, or delete a view."""
    user = operator(request)
    if user is None or not user.has_perms(("rendering.view_order", "media_assets.view_product")):
        raise PermissionDenied
    choice = MatrixChoice.of(request.POST, list(OutputType.objects.orderable()))
    own = DeliverablesView.objects.filter(user=user)
    match request.POST.get("view_verb"):
        case "delete":
            if own.filter(pk=choice.view).delete()[0]:
                messages.success(request, _("The view was deleted."))
            choice = MatrixChoice()
        case "save":
            name = " ".join(request.POST.get("name", "").replace("\x00", "").split())[:LONGEST]
            if not name:
                messages.error(request, _("Give the view a name."))
            elif own.exclude(name=name).count() >= MOST:
                words = _("You have %(most)d views already. Delete one first.")
                messages.error(request, words % {"most": MOST})
            else:
                view, _is_new = own.update_or_create(user=user, name=name, defaults=choice.as_fields())
                messages.success(request, _("View “%(name)s” saved.") % {"name": name})
                choice = MatrixChoice.kept_as(view)
    return HttpResponseRedirect(choice.address)
