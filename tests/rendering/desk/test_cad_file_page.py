"""A CAD file's page: its report, its failure with the ways out, how it is read, and what is worked on now."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from media_assets.cad.errors import CadError
from media_assets.cad.problem import Failure
from media_assets.models import CadFile
from rendering.models import Job
from rendering.queue import claims
from tests import factories
from tests.rendering.desk.test_every_page import assert_strict

pytestmark = pytest.mark.django_db

REPORT: dict[str, Any] = {
    "format": "step",
    "protocol": "AP214",
    "parts": 4,
    "instances": 23,
    "colors": ["#C0BEBB"],
    "unmeshed_faces": 2,
    "seconds": {"read": 1.0, "mesh": 3.0},
    "warnings": [{"code": "x", "message": "Two holes. Mend them.", "details": "line 7"}],
}


def page_of(cad_file: CadFile, name: str = "change") -> str:
    return reverse(f"admin:media_assets_cadfile_{name}", args=[cad_file.pk])


def text(client: Client, address: str, **query: object) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    assert_strict(response, address)
    return str(response.content.decode())


def failed(failure: Failure) -> CadFile:
    return factories.cad_file(
        state=CadFile.State.FAILED,
        error_code=failure.code,
        error="For programs.",
        error_details=dict(failure.details),
    )


def test_the_report_is_on_the_page_with_warnings_first(admin_client: Client) -> None:
    page = text(
        admin_client, page_of(factories.cad_file(state="ready", report=REPORT, tree={"name": "Bearing"}))
    )
    order = ["Two holes. Mend them.", "STEP AP214", "4 (23 placed)", "Conversion", "All values"]
    report = page[page.index(order[0]) :]
    places = [report.index(words) for words in order]
    assert places == sorted(places)
    assert re.search(r'<td class="bad">\s*2\s*</td>', page) and "line 7" in page and "Bearing" in page
    assert 'width="750.0"' in page, "meshing took three quarters of the time"


def test_the_report_is_json_for_those_who_may_see_cad_files(
    admin_client: Client, staff: Callable[..., Client], client: Client
) -> None:
    cad_file = factories.cad_file(state="ready", report=REPORT, tree={"name": "Käfig"})
    address = page_of(cad_file, "report")
    answer = admin_client.get(address)
    assert answer.json()["report"] == REPORT and answer.json()["tree"] == {"name": "Käfig"}
    assert "Käfig" in answer.content.decode(), "readable as it is"
    assert staff("media_assets.view_cadfile").get(address).status_code == 200
    assert staff().get(address).status_code == 403
    assert client.get(address).url.startswith("/admin/login/")
    assert admin_client.get(address.replace(f"/{cad_file.pk}/", "/99999/")).status_code == 404


def test_a_failure_has_a_headline_the_readers_words_and_ways_out(admin_client: Client) -> None:
    cad_file = failed(CadError("damaged", "crash", signal="SIGSEGV", words="Line 26: <odd> syntax").failure)
    page = text(admin_client, page_of(cad_file))
    assert "The file is damaged" in page and "The CAD reader crashed on this file (SIGSEGV)" in page
    assert "Next step:</em> Open it in the CAD system" in page
    assert "<pre>Line 26: &lt;odd&gt; syntax</pre>" in page
    assert 'form="tool-convert_again"' in page and 'id="tool-convert_again"' in page
    assert "Download the original" in page


def test_those_who_may_only_look_get_no_button_that_would_be_refused(staff: Callable[..., Client]) -> None:
    cad_file = failed(CadError("unit_unknown", "mesh", format="STL").failure)
    page = text(staff("media_assets.view_cadfile"), page_of(cad_file))
    assert "tool-convert_again" not in page and "/reading/" not in page
    assert "Download the original" in page


def test_an_uncertain_code_page_leads_to_the_place_where_it_is_stated(admin_client: Client) -> None:
    report = {"warnings": [{"code": "code_page_unsure", "message": "It is a guess.", "details": ""}]}
    cad_file = factories.cad_file(state="ready", report=report)
    assert text(admin_client, page_of(cad_file)).count(page_of(cad_file, "reading")) == 2


def test_a_sound_file_has_no_problem_row(admin_client: Client) -> None:
    assert "field-problem" not in text(admin_client, page_of(factories.cad_file(state="ready")))


def test_what_is_worked_on_refreshes_itself_and_what_is_done_does_not(admin_client: Client) -> None:
    cad_file = factories.cad_file()
    live = reverse("admin:media_assets_cadfile_live")
    assert "data-live=" not in text(admin_client, live, id=cad_file.pk)
    factories.job(kind=Job.Kind.TESSELLATE, cad_file=cad_file)
    waiting = text(admin_client, live, id=cad_file.pk)
    assert "waiting to be converted" in waiting and f'data-live-id="{cad_file.pk}"' in waiting
    claims.renew(factories.claim("asset_pipeline_cpu"), progress=0.4, stage="Meshed 2 of 5 parts")
    for address in (live, reverse("admin:media_assets_cadfile_changelist"), page_of(cad_file)):
        assert "being converted, 40 % · Meshed 2 of 5 parts" in text(admin_client, address, id=[cad_file.pk])


@pytest.mark.parametrize("ids", [["x"], ["9" * 30], ["-1"], []])
def test_odd_ids_give_no_cells(ids: list[str], admin_client: Client) -> None:
    assert text(admin_client, reverse("admin:media_assets_cadfile_live"), id=ids) == ""


def test_live_cells_are_for_those_who_may_see_cad_files(staff: Callable[..., Client]) -> None:
    assert staff().get(reverse("admin:media_assets_cadfile_live")).status_code == 403


def test_stating_a_code_page_reads_the_file_again(admin_client: Client) -> None:
    cad_file = factories.cad_file(state="ready")
    factories.product(cad_file=cad_file)
    address = page_of(cad_file, "reading")
    form = text(admin_client, address)
    assert 'name="code_page"' in form and 'name="unit"' not in form and "read again" in form
    said = admin_client.post(address, {"code_page": "cp1251"}, follow=True)
    cad_file.refresh_from_db()
    assert cad_file.code_page == "cp1251" and cad_file.state == CadFile.State.UPLOADED
    assert "is being read again" in str(next(iter(said.context["messages"])))
    assert cad_file.jobs.filter(kind=Job.Kind.TESSELLATE, state=Job.State.QUEUED).count() == 1
    said = admin_client.post(address, {"code_page": "cp1251"}, follow=True)
    assert "Nothing has changed" in str(next(iter(said.context["messages"])))


def test_only_the_options_that_matter_for_a_format_are_asked(admin_client: Client) -> None:
    stl = text(admin_client, page_of(factories.cad_file(format="stl"), "reading"))
    assert 'name="unit"' in stl
    glb = text(admin_client, page_of(factories.cad_file(format="glb"), "reading"))
    assert 'name="up"' in glb and 'name="unit"' not in glb and 'name="code_page"' not in glb


def test_an_unknown_code_page_is_refused_in_the_form(admin_client: Client) -> None:
    cad_file = factories.cad_file()
    answer = admin_client.post(page_of(cad_file, "reading"), {"code_page": "klingon"})
    assert answer.status_code == 200 and answer.context["form"].errors["code_page"]
    cad_file.refresh_from_db()
    assert cad_file.code_page == ""


def test_stating_needs_the_permission_to_change_cad_files(staff: Callable[..., Client]) -> None:
    cad_file = factories.cad_file()
    looker = staff("media_assets.view_cadfile")
    assert "/reading/" not in text(looker, page_of(cad_file))
    for answer in (
        looker.get(page_of(cad_file, "reading")),
        looker.post(page_of(cad_file, "reading"), {"code_page": "gbk"}),
    ):
        assert answer.status_code == 403
    changer = staff("media_assets.view_cadfile", "media_assets.change_cadfile")
    assert "/reading/" in text(changer, page_of(cad_file))
    assert changer.post(page_of(cad_file, "reading"), {"code_page": "gbk"}).status_code == 302
