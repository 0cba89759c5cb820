from __future__ import annotations

import pytest

from media_assets.models import CadFile
from tests import factories
from tests.rendering.shell import Shell

pytestmark = pytest.mark.django_db


@pytest.fixture
def bearing() -> CadFile:
    report = {
        "format": "step",
        "parts": 4,
        "instances": 23,
        "seconds": {"mesh": 0.5},
        "warnings": [{"code": "x", "message": "Two holes. Mend them.", "details": "Line 7\x1b[2J"}],
    }
    return factories.cad_file(
        original_name="bearing.step",
        sha256="ab12" * 16,
        state=CadFile.State.READY,
        report=report,
        tree={"name": "Bearing"},
    )


@pytest.mark.parametrize("by", ["id", "hash", "begin of the hash", "product"])
def test_a_report_is_found_by_what_people_have_at_hand(by: str, bearing: CadFile, manage: Shell) -> None:
    factories.product(number="4711", cad_file=bearing)
    name = {"id": bearing.pk, "hash": "AB12" * 16, "begin of the hash": "ab12ab12", "product": "4711"}[by]
    said = manage("cad_report", name, "--json")
    assert said.code == 0
    assert (said.document["name"], said.document["products"]) == ("bearing.step", ["4711"])
    assert said.document["report"] == bearing.report and said.document["tree"] == {"name": "Bearing"}


def test_people_read_warnings_first_and_no_terminal_codes(bearing: CadFile, manage: Shell) -> None:
    said = manage("cad_report", bearing.pk)
    assert said.out.index("! Two holes. Mend them.") < said.out.index("4 (23 placed)")
    assert "Line 7" in said.out and "\x1b" not in said.out
    assert "0.50 s" in said.out


def test_a_failed_file_says_why(manage: Shell) -> None:
    row = factories.cad_file(state=CadFile.State.FAILED, error_code="truncated", error="Its end is missing.")
    assert "truncated: Its end is missing." in manage("cad_report", row.pk).out


@pytest.mark.parametrize("name", ["nothing", "99999", "abcdef01", "9" * 40])
def test_an_unknown_name_is_a_usage_error(name: str, bearing: CadFile, manage: Shell) -> None:
    said = manage("cad_report", name, "--json")
    assert said.code == 2 and said.document["error_code"] == "usage"


def test_an_ambiguous_hash_asks_for_more_digits(bearing: CadFile, manage: Shell) -> None:
    factories.cad_file(sha256="ab12ab12" + "0" * 56)
    said = manage("cad_report", "ab12ab12")
    assert said.code == 2 and "more digits" in said.err
