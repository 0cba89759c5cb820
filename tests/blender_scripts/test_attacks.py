"""Attacks from inside the real Blender, started as a session is: it reaches nothing, and its pictures are the same."""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import OpenEXR
import pytest

from blender_scripts.children.confine import offered
from blender_scripts.children.program import contained, run
from blender_scripts.contract import BACKENDS
from blender_scripts.executable import command
from blender_scripts.launch import Blender, Session, _environment
from blender_scripts.reach import can_be_confined, of_blender
from blender_scripts.staging import Staging
from tests.blender_scripts.conftest import render, spec_for

ROOT = Path(__file__).resolve().parents[2]
INSIDE = f"""
import json, sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

def package(name, place):
    spec = spec_from_file_location(name, place, submodule_search_locations=[str(Path(place).parent)])
    module = sys.modules[name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

package("blender_scripts", {str(ROOT / "blender_scripts" / "__init__.py")!r})
from blender_scripts import containment
containment.arm()
import bpy
attacks = package("attacks", {str(ROOT / "tests" / "attacks.py")!r})
secret, port = sys.argv[sys.argv.index("--") + 1 :]
containment.say(json.dumps(attacks.tried(Path(secret), int(port))))
containment.leave(0)
"""

pytestmark = pytest.mark.skipif(
    not (offered().files and offered().calls), reason="this kernel has no Landlock or no seccomp"
)


@pytest.fixture
def staging(tmp_path: Path) -> Iterator[Staging]:
    staging = Staging(tmp_path)
    yield staging
    staging.remove()


def test_blender_reaches_no_file_process_or_network(
    blender: Blender, staging: Staging, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not can_be_confined(blender):
        pytest.skip("it is a script that starts Blender")
    monkeypatch.setenv("EMAIL_URL", "smtp://user:hush@mail/")
    secret = tmp_path / "media" / "db.sqlite3"
    secret.parent.mkdir()
    secret.write_text("secret")
    script = staging.inputs / "attack.py"
    script.write_text(INSIDE)
    env = _environment({}, staging.scratch, confined=True)
    reach = of_blender(
        blender,
        env,
        backends=BACKENDS,
        readable=[staging.inputs, ROOT / "tests" / "attacks.py"],
        writable=[staging.scratch],
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        argv = command(blender, script, str(secret), str(server.getsockname()[1]))
        done = run(contained(argv, reach), 60, env=env, cwd=staging.scratch)
    found = json.loads(done.text(said=True).splitlines()[-1])
    assert {name: what for name, what in found.items() if what != "refused"} == {}
    assert secret.read_text() == "secret"
    assert not secret.with_name("new").exists()
    assert "hush" not in str(env)


def test_pictures_of_a_confined_blender_are_the_same_bytes(
    blender: Blender, red_box: Path, tmp_path: Path
) -> None:
    for name, confined in (("confined", True), ("free", False)):
        session = Session(blender, device_policy="cpu", cwd=tmp_path, confined=confined)
        session.start()
        spec = spec_for(red_box, tmp_path / f"{name}.png", linear_path=str(tmp_path / f"{name}.exr"))
        outcome = render(session, spec).outcome
        session.kill()
        assert outcome.files == (spec.output_path, spec.linear_path), outcome.error
    assert (tmp_path / "confined.png").read_bytes() == (tmp_path / "free.png").read_bytes()
    with (
        OpenEXR.File(str(tmp_path / "confined.exr")) as one,
        OpenEXR.File(str(tmp_path / "free.exr")) as other,
    ):
        assert (one.channels()["RGBA"].pixels == other.channels()["RGBA"].pixels).all()
    assert not list(tmp_path.glob("renderdesk-*"))


def test_a_link_that_blender_left_is_not_followed(staging: Staging, red_box: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    spec = spec_for(red_box, tmp_path / "out" / "a.png")
    laid_out = Path(staging.lay_out(spec).output_path)
    laid_out.parent.mkdir(parents=True, exist_ok=True)
    laid_out.symlink_to(secret)
    staging.collect()
    laid_out.unlink()
    os.link(secret, laid_out)
    staging.collect()
    assert not Path(spec.output_path).exists()


def test_geometry_is_laid_where_blender_can_only_read_it(
    staging: Staging, red_box: Path, tmp_path: Path
) -> None:
    first = staging.lay_out(spec_for(red_box, tmp_path / "a.png"))
    again = staging.lay_out(spec_for(red_box, tmp_path / "b.png"))
    assert first.glb_path == again.glb_path
    assert Path(first.glb_path).is_relative_to(staging.inputs)
    assert Path(first.glb_path).read_bytes() == red_box.read_bytes()
    other = tmp_path / "other.glb"
    other.write_bytes(b"other")
    staging.lay_out(spec_for(other, tmp_path / "c.png"))
    assert not Path(first.glb_path).exists()


def test_folders_of_dead_hosts_are_swept(tmp_path: Path) -> None:
    left = tmp_path / "renderdesk-999999999-1-abc"
    left.mkdir()
    mine = Staging(tmp_path)
    assert (left.exists(), mine.folder.exists()) == (False, True)
    mine.remove()


def test_a_host_with_secrets_is_not_readable_for_others(tmp_path: Path) -> None:
    code = (
        "from blender_scripts.children.program import run\n"
        "import ctypes\n"
        "run(['/bin/true'], 5)\n"
        "print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))"
    )
    done = run([sys.executable, "-c", code], 30, cwd=ROOT)
    assert done.text(said=True).strip() == "0"
