"""An error on the pages where people meet it: its title, what happened, and the next step."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from media_assets.models import CadFile
from rendering import orders
from rendering.models import Job, OrderLine, errors
from rendering.models.errors import ERRORS, JobError
from rendering.queue import claims
from tests import factories
from tests.rendering.shell import Shell
from tests.rendering.steps import order, taken

pytestmark = [pytest.mark.django_db, pytest.mark.database]

MESSAGE = "Blender said nothing for 300 s."
STEP = ERRORS["hung"].step


@pytest.fixture
def hung(tmp_path: Path) -> Job:
    """A render that hung in its last attempt, and the line that waited for it."""
    product = factories.product()
    factories.geometry(product.cad_file, tmp_path)
    order(product, "draft")
    Job.objects.update(max_attempts=1)
    claim = taken()
    assert claim is not None
    with transaction.atomic():
        claims.fail(claim, JobError("hung", "blender", seconds=300.2).failure)
        orders.on_job_ended(claim.job)
    return claim.job


def page_with(job: Job, name: str) -> str:
    line = job.lines.get()
    return {
        "job": reverse("admin:rendering_job_change", args=[job.pk]),
        "jobs": reverse("admin:rendering_job_changelist"),
        "order": reverse("admin:rendering_order_change", args=[line.order_id]),
        "home": reverse("admin:index"),
    }[name]


@pytest.mark.parametrize("name", ["job", "jobs", "order", "home"])
def test_a_page_says_what_happened_and_what_to_do(name: str, hung: Job, admin_client: Client) -> None:
    page = admin_client.get(page_with(hung, name)).content.decode()
    for words in ("It got stuck", "hung", MESSAGE, STEP):
        assert words in page, words


@pytest.mark.parametrize("name", ["job", "order"])
def test_a_page_speaks_the_language_of_whoever_looks_at_it(
    name: str, hung: Job, admin_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    german = {ERRORS["hung"].cases["blender"].message: "Blender sagte {seconds:.0f} s lang nichts."}
    monkeypatch.setattr(errors, "gettext", lambda text: german.get(text, text))
    page = admin_client.get(page_with(hung, name)).content.decode()
    assert "Blender sagte 300 s lang nichts." in page and MESSAGE not in page


def test_a_job_that_failed_before_errors_had_details_is_shown_as_it_was(
    hung: Job, admin_client: Client
) -> None:
    for model in (Job, OrderLine):
        model.objects.update(error_details={}, error=f"Blender was silent. {STEP}")
    for name in ("job", "order"):
        page = admin_client.get(page_with(hung, name)).content.decode()
        assert page.count(f"Blender was silent. {STEP}") == 1 and "Next step:" not in page


def test_a_cad_file_that_failed_before_errors_had_details_is_shown_as_it_was(admin_client: Client) -> None:
    old = "It crashed. Check it. The reader said: Line 26."
    cad_file = factories.cad_file(state=CadFile.State.FAILED, error_code="damaged", error=old)
    page = admin_client.get(reverse("admin:media_assets_cadfile_change", args=[cad_file.pk])).content.decode()
    assert "The file is damaged" in page and old in page
    assert f"Next step:</em> {ERRORS['damaged'].step}" in page


def test_programs_read_one_text_in_english(hung: Job, manage: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(errors, "gettext", lambda text: "?")
    text = f"{MESSAGE} {STEP}"
    line = hung.lines.get()
    assert (line.as_dict()["error_code"], line.as_dict()["error"]) == ("hung", text)
    assert (hung.as_dict()["error"], hung.attempts.get().error) == (text, text)
    assert "error_details" not in {**hung.as_dict(), **line.as_dict()}
    assert f"hung: {text}" in manage("job", "show", hung.pk).out
    assert manage("job", "show", hung.pk, "--json").document["error"] == text
