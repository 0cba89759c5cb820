"""The test render of an output type's form: made from the form as it is, shown on the same page."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from blender_scripts.launch import BlenderMissing, BlenderTooOld
from gpu.models import Worker
from media_assets.models import CadFile, Product
from rendering.desk.jobs import cells
from rendering.models import Job, OutputType
from rendering.orders import trials
from rendering.orders.trials import Trial, TrialRefused

SALT = "rendering.trial"
A_DAY = 86_400  # seconds
PRODUCT_FIELD = "trial_product"
REMEMBERED = "trial_product"  # in the session
CHOICES = 50  # products that can be chosen
UNNAMED = ("slug", "name", "is_active")  # what a test render need not know


def may_try(request: HttpRequest) -> bool:
    """Whether the user may render tests: who changes output types, and orders."""
    changes = request.user.has_perm("rendering.change_outputtype") or request.user.has_perm(
        "rendering.add_outputtype"
    )
    return changes and request.user.has_perm("rendering.add_order")


def panel(request: HttpRequest) -> dict[str, Any]:
    """Return what the panel on the form's page shows before anything was rendered."""
    products = list(
        Product.objects.unarchived()
        .filter(cad_file__state=CadFile.State.READY)
        .order_by("-revised", "-pk")[:CHOICES]
    )
    return {
        "trial_products": products,
        "trial_chosen": request.session.get(REMEMBERED),
        "trial_url": reverse("admin:rendering_outputtype_trial"),
        "trial_field": PRODUCT_FIELD,
    }


def start(request: HttpRequest) -> HttpResponse:
    """POST the form: render the chosen product as it says, and answer with the panel's inside."""
    if not may_try(request):
        raise PermissionDenied(_("You may not render tests. Ask an administrator for the permission."))
    if request.method != "POST":
        raise Http404(_("Test renders are started from the form of an output type."))
    form = trial_form()(request.POST)
    if not form.is_valid():
        errors = [
            (form.fields[name].label if name in form.fields else "", message)
            for name, messages in form.errors.items()
            for message in messages
        ]
        return _answer(request, {"errors": errors})
    product = Product.objects.unarchived().filter(pk=_number(request.POST.get(PRODUCT_FIELD))).first()
    if product is None:
        return _answer(
            request, {"refusal": _("Choose a product. If there is none, upload a CAD file first.")}
        )
    request.session[REMEMBERED] = product.pk
    try:
        started = trials.start(form.save(commit=False), product)
    except (TrialRefused, BlenderMissing, BlenderTooOld) as refusal:
        return _answer(request, {"refusal": str(refusal)})
    return _show(request, _token(started))


def show(request: HttpRequest) -> HttpResponse:
    """Return how far a test render is, or its picture."""
    if not may_try(request):
        raise PermissionDenied
    return _show(request, request.GET.get("of", ""))


def picture(request: HttpRequest) -> HttpResponse:
    """Return the picture of a test render in its background, format and quality."""
    if not may_try(request):
        raise PermissionDenied
    started = _started(request.GET.get("of", ""))
    master = trials.master_of(started)
    if master is None:
        raise Http404(_("This test render no longer exists. Render it again."))
    made = trials.shown(started, master)
    response = HttpResponse(made.content, content_type=made.mime_type)
    response["Cache-Control"] = f"private, max-age={A_DAY}"
    return response


def trial_form() -> type[forms.ModelForm[OutputType]]:
    """Return the form of an output type without the fields that name it."""
    return forms.modelform_factory(OutputType, exclude=UNNAMED)


def _show(request: HttpRequest, token: str) -> HttpResponse:
    started = _started(token)
    master = trials.master_of(started)
    address = f"?of={token}"
    if master is not None:
        made = trials.shown(started, master)
        saved = round(100 * (1 - len(made.content) / made.png_bytes))
        context: dict[str, Any] = {
            "master": master,
            "receipt": master.receipt,
            "source": reverse("admin:rendering_outputtype_trial_picture") + address,
            "format": started.file["format"],
            "bytes": len(made.content),
            "saved": saved if saved > 0 else None,
            "seconds": master.receipt.get("seconds", {}).get("render"),
        }
        return _answer(request, context)
    job = Job.objects.filter(pk=started.job).first() if started.job else None
    if job is None or (job.state == Job.State.SUCCEEDED):
        return _answer(request, {"refusal": _("This test render no longer exists. Render it again.")})
    shown = cells.describe(job)
    if not job.is_live:
        return _answer(request, {**shown, "failed": True})
    live = reverse("admin:rendering_outputtype_trial_show") + address
    return _answer(request, {**shown, "live": live, "nobody": not Worker.objects.alive().exists()})


def _answer(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    return TemplateResponse(request, "desk/output_types/trial.html", context)


def _token(started: Trial) -> str:
    return signing.dumps([started.master_key, started.job, dict(started.file)], salt=SALT, compress=True)


def _started(token: str) -> Trial:
    try:
        return Trial(*signing.loads(token, salt=SALT, max_age=A_DAY))
    except (signing.BadSignature, TypeError) as error:
        raise Http404(_("This is not the address of a test render.")) from error


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0
