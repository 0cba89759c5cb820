"""The one row of settings, and what the environment overrules."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import IntegrityError, transaction

from gpu.models import SystemSettings

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_there_is_one_row_from_the_first_look_on() -> None:
    first, again = SystemSettings.load(), SystemSettings.load()
    assert first == again and SystemSettings.objects.count() == 1
    assert (first.cycles_device, first.light_lane_max_px) == ("auto", 1024)


def test_a_second_row_can_not_be_made() -> None:
    SystemSettings.load()
    SystemSettings(cycles_device="cpu").save()
    assert SystemSettings.objects.get().cycles_device == "cpu"
    with pytest.raises(IntegrityError), transaction.atomic():
        SystemSettings.objects.bulk_create([SystemSettings(pk=2)])


def test_a_policy_that_nobody_knows_is_refused_by_the_database() -> None:
    SystemSettings.load()
    with pytest.raises(IntegrityError), transaction.atomic():
        SystemSettings.objects.update(cycles_device="fpga")


@pytest.mark.parametrize(
    ("environment", "row", "policy", "source"),
    [
        ("", "gpu", "gpu", "system settings"),
        ("cpu", "gpu", "cpu", "environment variable CYCLES_DEVICE"),
        ("auto", "gpu", "auto", "environment variable CYCLES_DEVICE"),
    ],
)
def test_the_environment_wins_and_says_so(
    environment: str, row: str, policy: str, source: str, settings: Any
) -> None:
    settings.CYCLES_DEVICE = environment
    chosen = SystemSettings(cycles_device=row)
    assert (chosen.device_policy, chosen.device_policy_source) == (policy, source)


def test_a_policy_in_the_environment_that_nobody_knows_is_an_error(settings: Any) -> None:
    assert not [found for found in run_checks() if found.id == "gpu.E001"]
    settings.CYCLES_DEVICE = "banana"
    (error,) = (found for found in run_checks() if found.id == "gpu.E001")
    assert "'banana'" in error.msg and "auto, gpu or cpu" in error.hint


def test_a_pool_of_connections_is_an_error(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "OPTIONS", {"pool": True})
    assert [found.id for found in run_checks() if found.id == "gpu.E002"]
