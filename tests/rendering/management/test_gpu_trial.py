"""The trial of a machine's GPUs: a report of what it found and did, that can be sent in as it is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest

from blender_scripts.children import process
from gpu.probing.warmup import WarmingFailed
from rendering.farm import contact_sheet
from rendering.management import gpu_trial
from rendering.management.gpu_trial import GpuTrial, RenderPlace
from tests.rendering.shell import Shell

pytestmark = pytest.mark.django_db


def document_in(report: str) -> GpuTrial:
    return GpuTrial.from_json(json.loads(report.partition("```json\n")[2].partition("\n```")[0]))


@pytest.mark.blender
@pytest.mark.cad
def test_a_gpu_and_the_cpu_are_tried_and_nothing_names_the_machine(
    machine: Callable[..., None], manage: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine("amd")
    monkeypatch.setattr(gpu_trial, "SIZES", {"thumbnail": 32, "still": 32, "turntable": 32})
    answer = manage("gpu_trial", "--out", str(tmp_path / "report.md"), "--pictures", "1")
    report = (tmp_path / "report.md").read_text()
    assert answer.code == 0, report
    trial = document_in(report)
    assert [(one.backend, one.proof) for one in trial.tried] == [("HIP", "BVH2"), ("CPU", "EMBREE")]
    for one in trial.tried:
        assert one.cold_seconds > 0 and one.warm_seconds > 0, one
        assert [made.kind for made in one.pictures] == ["thumbnail", "still", "turntable"]
        assert [made.gain > 0 for made in one.pictures] == [False, True, False]
    assert trial.strict == "gpu_required"
    assert process.HOST not in report and str(tmp_path) not in report
    assert not re.search(r"(?<![\w.])/\w+/", report), report
    assert not re.search(r"GPU-[0-9a-f]{8}|[0-9a-f]{4}:[0-9a-f]{2}:[0-9a-f]{2}", report)


def test_a_driver_that_fails_is_named_with_its_words_and_the_cpu_is_tried(
    machine: Callable[..., None], manage: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compiled(place: RenderPlace, blender: object) -> tuple[float, float, str]:
        if place.is_gpu:
            raise WarmingFailed("HIP: no kernel in /opt/rocm/lib/x.so")
        return 2.0, 1.0, "EMBREE"

    machine("amd")
    monkeypatch.setattr(gpu_trial, "SIZES", {})
    monkeypatch.setattr(gpu_trial, "compiled", compiled)
    monkeypatch.setattr(gpu_trial, "sessions", lambda *_: nullcontext([]))
    monkeypatch.setattr(gpu_trial, "refusal", lambda blender: "rendered")
    monkeypatch.setattr(contact_sheet, "convert", lambda source, folder: source)
    assert manage("gpu_trial", "--out", str(tmp_path / "report.md")).code == 1
    report = (tmp_path / "report.md").read_text()
    assert [one.error for one in document_in(report).tried] == ["HIP: no kernel in …", ""]
    assert "**wrong**: rendered" in report
    machine("no_gpu")
    answer = manage("gpu_trial", "--out", str(tmp_path / "report.md"))
    assert answer.code == 0 and "no GPU" in answer.out
    assert "**No GPU was found: this ran on the CPU alone.**" in (tmp_path / "report.md").read_text()


def test_words_of_a_driver_lose_their_paths() -> None:
    said = f"can't open /var/lib/x.so on {process.HOST}: C:\\Users\\me\\y.dll, 3/4 done"
    assert gpu_trial.without_paths(said) == "can't open … on …: … 3/4 done"
