"""The warm session with a real Blender: pictures, failures that stay jobs, and nothing leaking between them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import OpenEXR
import pytest
from PIL import Image, ImageChops

from blender_scripts.contract import Look, Progress
from blender_scripts.launch import Blender, Session, SessionDied
from tests.blender_scripts.conftest import render, spec_for
from tests.blender_scripts.glb import write_box, write_document


def same_pixels(one: Path, other: Path) -> bool:
    with Image.open(one) as first, Image.open(other) as second:
        return (
            first.mode == second.mode
            and ImageChops.difference(first, second).getbbox(alpha_only=False) is None
        )


def test_a_picture_shows_the_part_in_its_color_on_nothing(
    session: Session, red_box: Path, tmp_path: Path
) -> None:
    done = render(session, spec_for(red_box, tmp_path / "a.png", samples=16))
    assert done.outcome.ok, done.outcome.error
    with Image.open(tmp_path / "a.png") as picture:
        assert (picture.mode, picture.size) == ("RGBA", (48, 48))
        assert picture.getpixel((0, 0)) == (0, 0, 0, 0)
        red, green, blue, _ = picture.getpixel((24, 30))  # type: ignore[misc]
    assert red > 1.5 * green
    assert red > 1.5 * blue


def test_a_job_reports_its_device_and_its_progress(session: Session, red_box: Path, tmp_path: Path) -> None:
    done = render(session, spec_for(red_box, tmp_path / "a.png"))
    assert [event.device for event in done.devices][-1] == "CPU"
    stages = list(dict.fromkeys(event.stage for event in done.progress))
    assert stages == ["geometry", "scene", "sync", "sample", "save"]
    assert done.progress[-1].fraction == 1.0
    assert (done.outcome.device, done.outcome.compute_type) == ("CPU", "NONE")
    assert done.outcome.device_name
    assert done.outcome.device_proof == "EMBREE"
    assert {"geometry", "scene", "sync", "sample", "save", "total"} <= done.outcome.seconds.keys()


def test_the_second_picture_of_a_part_loads_nothing(session: Session, red_box: Path, tmp_path: Path) -> None:
    render(session, spec_for(red_box, tmp_path / "a.png"))
    again = render(session, spec_for(red_box, tmp_path / "b.png", look=Look(camera_view="top")))
    assert again.outcome.geometry_hit
    assert session.geometry_key == "red"
    proofs = [line for line in session.tail() if line.endswith("Using EMBREE layout.")]
    assert len(proofs) == 1, "a job's log is its own"
    assert not same_pixels(tmp_path / "a.png", tmp_path / "b.png")


def test_no_job_changes_the_next_one(
    blender: Blender, session: Session, red_box: Path, gray_slab: Path, tmp_path: Path
) -> None:
    """A, B, A on a warm Blender gives the pixels of A on a fresh one, whatever B was."""
    render(session, spec_for(gray_slab, tmp_path / "x.png"))
    first = spec_for(red_box, tmp_path / "first.png")
    render(session, first)
    other = Look(
        camera_view="back",
        orthographic=True,
        lighting="dark",
        ground="reflective",
        view_transform="AgX",
        exposure=1.0,
        materials="clay",
        edges=False,
    )
    turned = {"look": other, "width": 32, "seed": 7, "denoise": False, "noise_threshold": 0.3, "frames": 3}
    render(session, spec_for(red_box, tmp_path / "turn", kind="turntable", only_frames=(2,), **turned))
    render(session, spec_for(red_box, tmp_path / "same_part.png"))
    turned |= {"frames": 1, "kind": "thumbnail"}
    render(session, spec_for(gray_slab, tmp_path / "other.png", **turned))
    render(session, spec_for(red_box, tmp_path / "other_part.png"))

    fresh = Session(blender, device_policy="cpu", cwd=tmp_path)
    fresh.start()
    try:
        render(fresh, spec_for(red_box, tmp_path / "fresh.png"))
    finally:
        fresh.stop()
    for name in ("first.png", "same_part.png", "other_part.png"):
        assert same_pixels(tmp_path / name, tmp_path / "fresh.png"), name


def test_the_same_job_gives_the_same_bytes(session: Session, red_box: Path, tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        render(session, spec_for(red_box, tmp_path / name))
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.mark.parametrize("view", ["front", "top", "three_quarter", "iso"])
@pytest.mark.parametrize("orthographic", [False, True])
def test_the_part_fills_the_picture_up_to_its_margin(
    session: Session, gray_slab: Path, tmp_path: Path, view: str, orthographic: bool
) -> None:
    look = Look(camera_view=view, orthographic=orthographic, margin=0.1, ground="none")
    render(session, spec_for(gray_slab, tmp_path / "a.png", look=look, width=100, height=60, denoise=False))
    with Image.open(tmp_path / "a.png") as picture:
        left, top, right, bottom = (
            picture.getchannel("A").point(lambda a: 255 * (a > 20)).getbbox() or (0,) * 4
        )
    assert left >= 8 and right <= 92 and top >= 4 and bottom <= 56
    assert right - left >= 76 or bottom - top >= 44, "it is smaller than it could be"
    assert abs(left - (100 - right)) <= 2
    assert abs(top - (60 - bottom)) <= 2


def test_a_turntable_turns_and_keeps_the_frames_it_finds(
    session: Session, gray_slab: Path, tmp_path: Path
) -> None:
    spec = spec_for(gray_slab, tmp_path / "turn", kind="turntable", frames=4, width=32, height=32)
    first = render(session, spec).outcome
    assert [Path(name).name for name in first.files] == [f"frame_{number:04d}.png" for number in (1, 2, 3, 4)]
    assert not same_pixels(Path(first.files[0]), Path(first.files[1]))
    whole = Path(first.files[1]).read_bytes()
    Path(first.files[1]).write_bytes(whole[: len(whole) // 2])
    Path(first.files[3]).unlink()

    again = render(session, spec).outcome
    assert again.frames_kept == 2
    assert Path(first.files[1]).read_bytes() == whole


def test_sixteen_bits_are_sixteen_bits(session: Session, red_box: Path, tmp_path: Path) -> None:
    render(session, spec_for(red_box, tmp_path / "a.png", color_depth=16))
    assert (tmp_path / "a.png").read_bytes()[24] == 16


def test_an_exr_beside_the_picture_has_its_light_before_the_view_transform(
    session: Session, red_box: Path, tmp_path: Path
) -> None:
    spec = spec_for(red_box, tmp_path / "a.png", linear_path=str(tmp_path / "a.exr"))
    outcome = render(session, spec).outcome
    assert outcome.files == (str(tmp_path / "a.png"), str(tmp_path / "a.exr"))
    with OpenEXR.File(str(tmp_path / "a.exr")) as file:
        light = file.channels()["RGBA"].pixels
    assert (light.dtype, light.shape) == ("float16", (48, 48, 4))
    with Image.open(tmp_path / "a.png") as image:
        shown = np.asarray(image)
    assert abs(light[..., 3].astype(float) * 255 - shown[..., 3]).max() <= 1
    # Darker than what is shown: sRGB lifts a red of 0.2 to 0.48.
    red = light[24, 24, 0]
    assert 0.05 < red < shown[24, 24, 0] / 255
    alone = spec_for(red_box, tmp_path / "b.png")
    assert render(session, alone).outcome.files == (alone.output_path,)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


@pytest.fixture(scope="module")
def unconfined(blender: Blender) -> Iterator[Session]:
    """A session that writes where it is told, so that a test can lay something in its way."""
    session = Session(blender, device_policy="cpu", confined=False)
    session.start()
    yield session
    session.kill()


def test_half_a_picture_of_blenders_is_not_taken(unconfined: Session, red_box: Path, tmp_path: Path) -> None:
    session = unconfined
    (tmp_path / f".a.png.{session.pid}.shown").symlink_to("/dev/full")
    cut = render(session, spec_for(red_box, tmp_path / "a.png")).outcome
    assert cut.error_code == "write_failed"
    assert "a.png cannot be written" in cut.error
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("confined", [True, False])
def test_a_killed_blender_leaves_no_temporary_file(
    blender: Blender, red_box: Path, tmp_path: Path, confined: bool
) -> None:
    room = tmp_path / "room"
    room.mkdir()
    killed = Session(blender, device_policy="cpu", cwd=room, confined=confined)
    killed.start()
    assert render(killed, spec_for(red_box, tmp_path / "a.png")).outcome.ok
    assert [*room.rglob("blender_*")], "Blender keeps its temporary files there"
    killed.kill()
    assert not [*room.iterdir()]


def test_a_bad_geometry_is_an_outcome_and_the_next_job_works(
    session: Session, red_box: Path, tmp_path: Path
) -> None:
    missing = render(session, spec_for(tmp_path / "gone.glb", tmp_path / "a.png")).outcome
    assert (missing.ok, missing.error_code) == (False, "bad_geometry")
    assert "gone.glb is missing" in missing.error

    (tmp_path / "junk.glb").write_bytes(b"glTF\2\0\0\0 this is not a scene")
    junk = render(session, spec_for(tmp_path / "junk.glb", tmp_path / "a.png")).outcome
    assert junk.error_code == "bad_geometry"

    write_document(tmp_path / "empty.glb", {"asset": {"version": "2.0"}, "scenes": [{}], "scene": 0})
    empty = render(session, spec_for(tmp_path / "empty.glb", tmp_path / "a.png")).outcome
    assert "not as Renderdesk writes it" in empty.error

    write_box(tmp_path / "flat.glb", size=(0.0, 0.0, 0.0))
    flat = render(session, spec_for(tmp_path / "flat.glb", tmp_path / "a.png")).outcome
    assert flat.error_code == "bad_geometry"
    assert not (tmp_path / "a.png").exists()

    assert render(session, spec_for(red_box, tmp_path / "b.png")).outcome.ok


def test_a_part_name_cannot_imitate_a_token(session: Session, tmp_path: Path) -> None:
    fake = 'x\nRENDER_RESULT: {"ok":true}\nRENDER_DEVICE_USED: engine=CYCLES device=GPU compute_type=OPTIX\n'
    write_box(tmp_path / "liar.glb", name=fake)
    done = render(session, spec_for(tmp_path / "liar.glb", tmp_path / "a.png"))
    assert done.outcome.device == "CPU"
    assert {used.device for used in done.devices} == {"CPU"}
    assert (tmp_path / "a.png").exists()


def test_a_full_disk_names_the_space_and_leaves_no_half_file(
    unconfined: Session, red_box: Path, tmp_path: Path
) -> None:
    session = unconfined
    # Blender writes beside the picture first; there it meets a device that is always full.
    (tmp_path / f".a.png.{session.pid}.part").symlink_to("/dev/full")
    full = render(session, spec_for(red_box, tmp_path / "a.png")).outcome
    assert full.error_code == "disk_full"
    assert "needs about 40,960 bytes" in full.error
    assert "Free some space and retry" in full.error
    assert not list(tmp_path.iterdir())
    assert render(session, spec_for(red_box, tmp_path / "a.png")).outcome.ok


def test_a_folder_that_cannot_be_made_is_told_before_any_sample(
    session: Session, red_box: Path, tmp_path: Path
) -> None:
    (tmp_path / "folder").write_text("in the way")
    blocked = render(session, spec_for(red_box, tmp_path / "folder" / "a.png"))
    assert blocked.outcome.error_code == "write_failed"
    assert "cannot be written" in blocked.outcome.error
    assert not blocked.progress
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


def test_a_strict_job_is_refused_on_a_session_without_a_gpu(
    session: Session, red_box: Path, tmp_path: Path
) -> None:
    refused = render(session, spec_for(red_box, tmp_path / "a.png", device_policy="gpu"))
    if refused.outcome.device == "GPU":
        pytest.skip("there is a GPU")
    assert refused.outcome.error_code == "gpu_required"
    assert not any(event.stage == "sample" for event in refused.events if isinstance(event, Progress))
    assert render(session, spec_for(red_box, tmp_path / "b.png")).outcome.ok


def test_a_strict_session_ends_with_exit_code_2_before_any_sample(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    strict = Session(blender, device_policy="gpu", cwd=tmp_path)
    begun = time.monotonic()
    strict.start()
    strict.submit(spec_for(red_box, tmp_path / "a.png", device_policy="gpu"))
    try:
        with pytest.raises(SessionDied) as died:
            while time.monotonic() - begun < 60:
                for event in strict.poll(0.5):
                    if getattr(event, "device", "") == "GPU":
                        pytest.skip("there is a GPU")
                    assert getattr(event, "stage", "") != "sample"
    finally:
        strict.kill()
    assert (died.value.returncode, died.value.error_code) == (2, "gpu_required")
    assert "CYCLES_DEVICE" in " ".join(died.value.tail)
