"""Attacks from inside the real CAD child: a file that has taken it over reaches nothing and fells nobody."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from blender_scripts.children.confine import offered
from media_assets.cad import forkclient
from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionResult, Limits
from media_assets.cad.errors import CadError
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.settings import PRESETS
from tests.media_assets.cad.conftest import SAMPLES, finish

BEARING = SAMPLES / "tapered_roller_bearing.step"

pytestmark = pytest.mark.skipif(
    not (offered().files and offered().calls), reason="this kernel has no Landlock or no seccomp"
)

PROGRAM = """
import json, os, sys, time
from pathlib import Path
from media_assets.cad import child, forkserver
from tests import attacks

def convert(request, tell, done=None):
    out = Path(request.out_dir)
{body}

child.convert = convert
forkserver.warm_up = lambda: None
raise SystemExit(forkserver.main(sys.argv))
"""

Attack = Callable[..., ConversionResult]


@pytest.fixture
def attack(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Attack]:
    """Run some lines in place of the conversion, in the real child of a real server."""

    def run(*lines: str, limits: Limits | None = None) -> ConversionResult:
        ForkServer.close_current()
        body = "\n".join(f"    {line}" for line in lines)
        monkeypatch.setattr(forkclient, "SERVER", ("-c", PROGRAM.format(body=body)))
        out = tmp_path / "out"
        out.mkdir()
        return finish(Conversion(BEARING, out, PRESETS["draft"], limits=limits))

    yield run
    ForkServer.close_current()


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def test_child_reaches_no_file_process_or_network(attack: Attack, tmp_path: Path) -> None:
    secret = tmp_path / "db.sqlite3"
    secret.write_text("secret")
    mode = secret.stat().st_mode
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with pytest.raises(CadError):
            attack(f"(out / 'found').write_text(json.dumps(attacks.tried(Path({str(secret)!r}), {port})))")
    found = json.loads((tmp_path / "out" / "found").read_text())
    assert {name: what for name, what in found.items() if what != "refused"} == {}
    assert (secret.read_text(), secret.stat().st_mode) == ("secret", mode)
    assert not secret.with_name("new").exists()


@pytest.mark.parametrize(
    "said",
    [
        '{"event": "started", "pid": 1}',
        '{"event": "exit", "code": 0, "peak_mb": 1}',
        "[]",
        "[" * 100_000,
        '{"event": "progress", "fraction": "much", "stage": [], "message": null}',
        '{"event": "error", "code": "no such code", "details": {}}',
        '{"event": "progress", "fraction": ' + "9" * 5000 + "}",
    ],
)
def test_child_that_says_what_is_not_its_business_has_crashed(attack: Attack, said: str) -> None:
    begun = time.monotonic()
    with pytest.raises(CadError) as failure:
        attack(
            f"for each in attacks.own_sockets(): os.write(each, {said.encode()!r} + b'\\n')",
            "time.sleep(60)",
            limits=Limits(wall_s=30),
        )
    assert (failure.value.code, failure.value.failure.details["case"]) == ("damaged", "nonsense")
    assert time.monotonic() - begun < 25
    assert is_alive(1)


def test_output_is_limited_over_all_files(attack: Attack) -> None:
    with pytest.raises(CadError) as failure:
        attack(
            "for number in range(40):",
            "    (out / f'{number}').write_bytes(os.urandom(1 << 20))",
            "time.sleep(60)",
            limits=Limits(wall_s=30, output_mb=8),
        )
    assert (failure.value.code, failure.value.failure.details["case"]) == ("disk_full", "outgrown")


def test_files_that_nobody_sees_are_counted_too(attack: Attack) -> None:
    with pytest.raises(CadError) as failure:
        attack(
            "kept = []",
            "for number in range(40):",
            "    kept.append((out / 'x').open('wb', buffering=0)); kept[-1].write(os.urandom(1 << 20))",
            "    (out / 'x').unlink()",
            "time.sleep(60)",
            limits=Limits(wall_s=30, output_mb=8),
        )
    assert failure.value.failure.details["case"] == "outgrown"


def test_what_is_no_geometry_is_not_taken(attack: Attack) -> None:
    report = {
        "format": "step", "schema": "", "unit": "", "parts": 1, "instances": 1, "triangles": 1, "tree": {},
        "seconds": {}, "bytes": {}, "document": {}, "size_mm": [1.0, 1.0, 1.0], "warnings": [],
    }  # fmt: skip
    with pytest.raises(CadError) as failure:
        attack(
            "(out / 'geometry.glb').write_text('<html>')",
            "(out / 'master.usdc').write_text('<html>')",
            f"(out / 'report.json').write_text({json.dumps(report)!r})",
            "os._exit(0)",
        )
    assert failure.value.failure.details["case"] == "nonsense"


def test_every_limit_of_memory_holds_for_what_it_could_start(attack: Attack) -> None:
    with pytest.raises(CadError) as failure:
        attack("held = [bytearray(100 << 20) for _ in range(10)]", limits=Limits(memory_mb=300))
    assert failure.value.code in ("reader_failed", "out_of_memory")
    assert os.getpid()
