"""The status of a CAD file in cells that refresh: for the list, its page and the upload page."""

from __future__ import annotations

import uuid
from typing import Any

from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.db.models.functions import JSONObject
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy

from media_assets.models import CadFile
from media_assets.serving import html
from rendering.desk.jobs.cells import live_picture_url
from rendering.desk.shared.base import picture_of, sees_pictures
from rendering.farm import previews
from rendering.models import Job
from rendering.models.errors import ERRORS, problem_of
from rendering.models.sentence import Sentence

WAITING = {
    Job.Kind.TESSELLATE: gettext_lazy("waiting to be converted"),
    Job.Kind.RENDER: gettext_lazy("waiting to be rendered"),
    Job.Kind.ENCODE: gettext_lazy("waiting for its pictures to be written"),
}
RUNNING = {
    Job.Kind.TESSELLATE: gettext_lazy("being converted"),
    Job.Kind.RENDER: gettext_lazy("being rendered"),
    Job.Kind.ENCODE: gettext_lazy("pictures being written"),
}


def with_work(files: QuerySet[CadFile]) -> QuerySet[CadFile]:
    """Annotate `work`: what its cell tells of the job that is done for each file now; None without one.

    One subquery for a whole list, whatever its length.
    """
    jobs = Job.objects.live().filter(cad_file=OuterRef("pk"))
    first = Case(When(state=Job.State.RUNNING, then=0), default=1)
    told = ("kind", "state", "progress", "stage", "held_since", "error_code")
    job = jobs.order_by(first, "-priority", "id").values(now=JSONObject(**{name: name for name in told}))
    return files.annotate(work=Subquery(job[:1]))


def with_picture(request: HttpRequest, files: QuerySet[CadFile]) -> QuerySet[CadFile]:
    """Annotate `picture_of`, as `thumb` shows it, where this user sees pictures.

    With it `rendering`, the job that renders one now, for its coarse picture.
    """
    if not sees_pictures(request):
        return files.annotate(picture_of=html.NO_PICTURE)
    files = files.annotate(picture_of=html.newest_picture("pk"))
    if not request.user.has_perm("rendering.view_job"):
        return files
    running = Job.objects.running().filter(lease_token__isnull=False)
    jobs = running.filter(kind=Job.Kind.RENDER, cad_file=OuterRef("pk")).order_by("id")
    claim = jobs.values(claim=JSONObject(pk="id", lease="lease_token"))
    return files.annotate(rendering=Subquery(claim[:1]))


def state_cell(cad_file: CadFile) -> SafeString:
    return render_to_string("desk/cad_files/state.html", _context(cad_file))


def picture_cell(cad_file: CadFile) -> SafeString:
    link = reverse("admin:media_assets_cadfile_change", args=[cad_file.pk])
    picture = picture_of(cad_file)
    rough = "" if picture else _rough(cad_file)
    thumb = "" if rough else html.thumb(picture, str(cad_file), link)
    context = {**_context(cad_file), "thumb": thumb, "rough": rough}
    return render_to_string("desk/cad_files/picture.html", context)


def _rough(cad_file: CadFile) -> str:
    """Return the address of the coarse picture of the first render of a file; "" for none."""
    claim = getattr(cad_file, "rendering", None)
    shown = previews.coarse(claim["pk"], uuid.UUID(claim["lease"])) if claim else None
    return live_picture_url(claim["pk"], shown) if claim and shown else ""


def _context(cad_file: CadFile) -> dict[str, Any]:
    work = getattr(cad_file, "work", None)
    live_url = reverse("admin:media_assets_cadfile_live")
    return {
        "file": cad_file,
        "words": _words(work) if work else "",
        "problem": problem_of(cad_file) if cad_file.error_code else None,
        "live_url": live_url,
        "reading_url": getattr(cad_file, "doors", {}).get("reading_url", ""),
    }


def _words(work: dict[str, Any]) -> str:
    if work["held_since"]:
        title = gettext(ERRORS[work["error_code"]].title)
        return gettext("{waiting}; held: {title}").format(waiting=WAITING[work["kind"]], title=title)
    if work["state"] == Job.State.QUEUED:
        return str(WAITING[work["kind"]])
    stage = Sentence.from_text(work["stage"])
    said = f"{RUNNING[work['kind']]}, {100 * work['progress']:.0f} %"
    return f"{said} · {stage}" if stage else said
