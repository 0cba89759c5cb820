"""Pictures of a confined Blender reach their place, and none that is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blender_scripts import room
from blender_scripts.contract import Look, RenderOutcome, RenderSpec
from blender_scripts.staging import Staging


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    it = Staging(tmp_path)
    yield it
    it.remove()


@pytest.fixture
def spec(tmp_path: Path) -> RenderSpec:
    """Frame 2 of a film, whose frames lie on a disk of their own."""
    (tmp_path / "part.glb").write_bytes(b"glTF")
    frames = tmp_path / "media" / "frames" / "film"
    frames.mkdir(parents=True)
    return RenderSpec(
        kind="turntable",
        glb_path=str(tmp_path / "part.glb"),
        geometry_key="g",
        output_path=str(frames),
        look=Look(),
        width=8,
        height=8,
        frames=3,
        only_frames=(2,),
    )


def render(staged: RenderSpec) -> RenderOutcome:
    """What Blender does."""
    picture = Path(staged.output_path, "frame_0002.png")
    picture.parent.mkdir(exist_ok=True)
    picture.write_bytes(b"pixels")
    return RenderOutcome(ok=True, files=(str(picture),))


def unplug(media: Path) -> None:
    """Leave the empty folder in which the disk was mounted."""
    media.rename(media.with_name("away"))
    media.mkdir()


def rename(media: Path) -> None:
    media.rename(media.with_name("away"))


def test_a_frame_is_moved_to_its_place(staging: Staging, spec: RenderSpec) -> None:
    outcome = staging.delivered(render(staging.lay_out(spec)))
    assert outcome.files == (str(Path(spec.output_path, "frame_0002.png")),)
    assert Path(outcome.files[0]).read_bytes() == b"pixels"


@pytest.mark.parametrize("leave", [rename, unplug])
def test_nothing_is_written_in_the_place_of_a_disk_that_is_away(
    leave: Callable[[Path], None], staging: Staging, spec: RenderSpec, tmp_path: Path
) -> None:
    staged = staging.lay_out(spec)
    leave(tmp_path / "media")
    outcome = staging.delivered(render(staged))
    assert (outcome.ok, outcome.error_code, outcome.files) == (False, "folder_gone", ())
    with pytest.raises(room.FolderGone):
        staging.lay_out(spec)
    assert not list((tmp_path / "media").glob("*"))
