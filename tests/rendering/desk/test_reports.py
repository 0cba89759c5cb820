"""The page of the reports: what it shows, to whom, and at what price."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rendering.models import ChannelProfile
from rendering.reports import REPORTS
from tests import factories
from tests.rendering import past
from tests.rendering.desk.test_every_page import assert_strict
from tests.rendering.past import MONDAY, encoded, rendered

pytestmark = pytest.mark.django_db

WEEK = {"since": "2026-03-02", "until": "2026-03-08"}


@pytest.fixture
def history(db: None) -> dict[str, Any]:
    return past.history()


def body(client: Client, **asked: str) -> str:
    response = client.get(reverse("admin:reports"), asked)
    assert response.status_code == 200
    assert_strict(response, "reports")
    return response.content.decode()


def test_every_report_stands_on_the_page_with_its_files(
    history: dict[str, Any], admin_client: Client
) -> None:
    ChannelProfile.objects.create(slug="shop", name="Shop")
    page = body(admin_client, **WEEK)
    for name in REPORTS:
        assert f'id="report-{name}"' in page
        for kind in ("csv", "json"):
            address = reverse("admin:report_download", args=[name, kind])
            assert f'href="{address}?since=2026-03-02&amp;until=2026-03-08"' in page
            assert admin_client.get(address, WEEK).status_code == 200
    assert "GEAR-1" in page and "75 % of 4 order lines needed no render." in page


def test_a_product_and_an_output_type_narrow_the_page(history: dict[str, Any], admin_client: Client) -> None:
    page = body(admin_client, **WEEK, product="BEARING-2", output_type="thumbnail")
    assert re.findall(r'scope="row">\s*(BEARING-2|GEAR-1)\b', page) == ["BEARING-2"]


def test_an_empty_installation_shows_words_and_no_axes(admin_client: Client) -> None:
    page = body(admin_client)
    assert "No picture was made in this period." in page
    assert "report-days" not in page and "CSV" not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"since": "2026-03-08", "until": "2026-03-02"}, "Swap the days"),
        ({"since": "yesterday"}, "Enter a valid date"),
        ({"product": "NO-1"}, "There is no product “NO-1”"),
        ({"output_type": "no"}, "Select a valid choice"),
        ({"since": "0001-01-01"}, "Choose days between"),
    ],
)
def test_what_can_not_be_understood_is_said(asked: dict[str, str], said: str, admin_client: Client) -> None:
    page = body(admin_client, **asked)
    assert said in page and 'id="report-pictures"' not in page
    refused = admin_client.get(reverse("admin:report_download", args=["pictures", "csv"]), asked)
    assert refused.status_code == 400 and said in refused.content.decode()


def test_reports_need_their_permission(staff: Callable[..., Client]) -> None:
    addresses = [reverse("admin:reports"), reverse("admin:report_download", args=["pictures", "csv"])]
    for address in addresses:
        assert staff("rendering.view_job").get(address).status_code == 403
        assert staff("rendering.view_reports").get(address).status_code == 200
    desk = reverse("admin:index")
    assert addresses[0] in staff("rendering.view_reports").get(desk).content.decode()
    assert addresses[0] not in staff("rendering.view_job").get(desk).content.decode()


def test_what_is_no_report_is_not_found(admin_client: Client) -> None:
    for name, kind in (("nothing", "csv"), ("pictures", "exe")):
        assert admin_client.get(reverse("admin:report_download", args=[name, kind])).status_code == 404


def test_a_longer_history_needs_no_more_queries(history: dict[str, Any], admin_client: Client) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            body(admin_client, **WEEK)
        return len(captured)

    before = queries()
    for number in range(12):
        product = factories.product()
        kind = factories.output_type(f"more{number}", width=64, height=64)
        rendered(product, kind, MONDAY + timedelta(hours=number), 3.0)
        encoded(product, kind, MONDAY + timedelta(hours=number))
    assert queries() == before


def test_of_a_long_period_each_report_comes_by_itself(history: dict[str, Any], admin_client: Client) -> None:
    year = {"since": "2026-01-01", "until": "2026-12-31"}
    page = body(admin_client, **year)
    assert "GEAR-1" not in page
    for name in REPORTS:
        address = reverse("admin:report_section", args=[name])
        assert f'data-live="{address}?since=2026-01-01&amp;until=2026-12-31"' in page
        answer = admin_client.get(address, year)
        assert_strict(answer, name)
        assert f'data-live-key="report-{name}"' in answer.content.decode()
    assert (
        "GEAR-1"
        in admin_client.get(reverse("admin:report_section", args=["products"]), year).content.decode()
    )
    assert admin_client.get(reverse("admin:report_section", args=["nothing"]), year).status_code == 404
