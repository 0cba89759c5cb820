"""What can be reused for a line: its file, a master to derive it from, the geometry."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from blender_scripts.launch import BlenderMissing
from gpu.models import GpuProbe
from gpu.probing import life
from gpu.probing.probe import ProbeResult
from rendering.catalog import plan
from rendering.catalog.plan import Found
from rendering.catalog.recipes import Recipes
from rendering.models import OutputType
from tests import factories
from tests.media import path_of

pytestmark = [pytest.mark.django_db, pytest.mark.database]


@pytest.fixture
def kind() -> OutputType:
    return factories.output_type("plan-test", width=64, height=64, samples=3)


def found(wanted: Recipes, kind: OutputType, **fields: object) -> Found:
    return plan.find(wanted, kind.kind, kind.width, kind.height, **fields)


def test_nothing_is_found_for_a_new_file(kind: OutputType) -> None:
    wanted = plan.recipes_for(factories.cad_file(), kind)
    assert found(wanted, kind) == Found(None, None, None)


def test_a_host_without_blender_plans_with_the_version_of_the_last_probe(
    kind: OutputType, settings: Any
) -> None:
    cad = factories.cad_file()
    plan.blender.cache_clear()
    settings.BLENDER_EXECUTABLE = "/nowhere/blender"
    with pytest.raises(BlenderMissing):
        plan.recipes_for(cad, kind)
    result = ProbeResult(
        host="farm", at=timezone.now().isoformat(), seconds=0.1, blender_version="5.2.3", backends=()
    )
    probe = life.request(GpuProbe.Trigger.SCHEDULE, "farm")
    GpuProbe.objects.filter(pk=probe.pk).update(
        state=GpuProbe.State.SUCCEEDED, result=result.to_json(), finished=timezone.now()
    )
    assert plan.recipes_for(cad, kind).view["renderer"]["blender"] == "5.2.3"
    plan.blender.cache_clear()


def test_geometry_of_another_tessellation_is_not_reused(kind: OutputType, tmp_path: Path) -> None:
    cad = factories.cad_file()
    factories.geometry(cad, tmp_path, preset="draft")
    assert found(plan.recipes_for(cad, kind), kind).geometry is None
    geometry = factories.geometry(cad, tmp_path)
    assert found(plan.recipes_for(cad, kind), kind).geometry == geometry


def test_the_smallest_master_that_is_large_enough_is_taken(kind: OutputType, tmp_path: Path) -> None:
    cad = factories.cad_file()
    wanted = plan.recipes_for(cad, kind)
    factories.master(cad, kind, tmp_path, (32, 32))
    assert found(wanted, kind).master is None
    factories.master(cad, kind, tmp_path, (256, 256))
    best = factories.master(cad, kind, tmp_path, (128, 128))
    assert found(wanted, kind).master == best


def test_a_master_whose_bytes_are_gone_is_passed_over_for_the_next(kind: OutputType, tmp_path: Path) -> None:
    cad = factories.cad_file()
    path_of(factories.master(cad, kind, tmp_path, (64, 64))).unlink()
    larger = factories.master(cad, kind, tmp_path, (128, 128))
    assert found(plan.recipes_for(cad, kind), kind).master == larger


def test_a_forced_line_takes_only_what_was_made_since(kind: OutputType, tmp_path: Path) -> None:
    cad = factories.cad_file()
    master = factories.master(cad, kind, tmp_path)
    wanted = plan.recipes_for(cad, kind)
    now = timezone.now()
    assert found(wanted, kind, not_before=now + timedelta(seconds=1)).master is None
    assert found(wanted, kind, not_before=now - timedelta(hours=1)).master == master


def test_each_view_is_rendered_at_the_largest_size_of_an_order() -> None:
    cad = factories.cad_file()
    sizes = [factories.output_type(f"s{width}", width=width, height=width) for width in (100, 300, 200)]
    wide = factories.output_type("wide", width=400, height=200)
    entries = [(kind, plan.recipes_for(cad, kind)) for kind in (*sizes, wide)]
    assert sorted(plan.master_sizes(entries).values()) == [(300, 300), (400, 200)]
