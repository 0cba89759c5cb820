"""The small picture before a long render: it is there early, and the picture itself is the same with it."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from blender_scripts.contract import Look, RenderOutcome
from blender_scripts.launch import Session
from tests.blender_scripts.conftest import render, spec_for


def test_a_preview_changes_no_byte_of_the_picture(session: Session, red_box: Path, tmp_path: Path) -> None:
    plain, shown, preview = (tmp_path / f"{name}.png" for name in ("plain", "shown", "preview"))
    values = {"look": Look(ground="reflective", lighting="dark"), "width": 200, "height": 160, "samples": 6}
    render(session, spec_for(red_box, plain, **values))
    done = render(session, spec_for(red_box, shown, preview_path=str(preview), **values))
    assert done.outcome.ok, done.outcome.error
    assert plain.read_bytes() == shown.read_bytes()
    assert done.outcome.seconds["preview"] > 0
    with Image.open(preview) as picture:
        assert picture.size == (64, 51), "with so few samples a larger one would not be nearly free"
        assert picture.getchannel("A").getextrema() == (0, 255)


def test_a_preview_is_there_before_the_first_sample_and_counts_as_none(
    session: Session, red_box: Path, tmp_path: Path
) -> None:
    preview = tmp_path / "preview.png"
    spec = spec_for(red_box, tmp_path / "a.png", preview_path=str(preview), width=200)
    session.submit(spec)
    stages: list[str] = []
    is_there: dict[str, bool] = {}
    while "outcome" not in stages:
        for event in session.poll(0.2):
            stage = "outcome" if isinstance(event, RenderOutcome) else getattr(event, "stage", "")
            stages += [stage] if stage and stage not in stages else []
            is_there.setdefault(stage, preview.exists())
    assert stages == ["geometry", "scene", "preview", "sync", "sample", "save", "outcome"]
    assert is_there["sample"]


def test_a_preview_that_cannot_be_written_is_no_reason_to_fail(
    session: Session, red_box: Path, tmp_path: Path
) -> None:
    spec = spec_for(red_box, tmp_path / "a.png", preview_path=str(tmp_path / "none" / "preview.png"))
    assert render(session, spec).outcome.ok
