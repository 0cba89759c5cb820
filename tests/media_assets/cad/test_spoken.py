"""What a child says and leaves, whatever it is, never raises what nobody expects."""

from __future__ import annotations

import ast
import json
import os
import random
import re
import socket
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_assets.cad.client import Conversion
from media_assets.cad.contract import ConversionProgress, Limits
from media_assets.cad.errors import CadError
from media_assets.cad.forkclient import ForkServer
from media_assets.cad.glb_container import BadGlb, check_container
from media_assets.cad.settings import PRESETS
from media_assets.cad.spoken import Nonsense, known, understood
from tests.blender_scripts.glb import write_box
from tests.conftest import PROJECT
from tests.media_assets.cad.conftest import SAMPLES

BEARING = SAMPLES / "tapered_roller_bearing.step"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
EVENTS = st.fixed_dictionaries(
    {"event": st.sampled_from(["progress", "error", "started", "exit", "done"]) | JSON},
    optional={
        "fraction": JSON,
        "stage": JSON,
        "message": JSON,
        "code": st.sampled_from(["damaged", "hung", "x"]) | JSON,
        "details": st.dictionaries(st.sampled_from(["case", "words", "signal", "seconds"]) | st.text(), JSON)
        | JSON,
        "pid": JSON,
    },
)


def test_all_that_the_reader_says_of_its_progress_is_known() -> None:
    """So that it can be shown in the reader's language."""
    said = set()
    for path in (PROJECT / "media_assets/cad").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and len(node.args) == 3:
                name = ast.unparse(node.func).rpartition(".")[2]
                text = node.args[2]
                if name in ("enter", "ConversionProgress") and isinstance(
                    text, (ast.Constant, ast.JoinedStr)
                ):
                    said.add(re.sub(r"{.*?}", "{}", ast.literal_eval(ast.unparse(text).removeprefix("f"))))
    assert len(said) > 15
    assert [one for one in said if not any(known(one.replace("{}", value)) for value in ("7", "STEP"))] == []


@pytest.mark.parametrize(
    "message", ["", "Reading YOUR MIND", "Meshed {done} of {count} parts", "Meshed ٣ of 5 parts"]
)
def test_nothing_else_is(message: str) -> None:
    assert known(message) is None


@given(st.text() | EVENTS.map(json.dumps) | JSON.map(json.dumps))
def test_every_line_is_progress_an_error_or_nonsense(line: str) -> None:
    said = understood(line)
    if isinstance(said, ConversionProgress):
        assert 0 <= said.fraction <= 1
        assert "\0" not in said.stage + said.message
        (said.stage + said.message).encode()
    elif isinstance(said, CadError):
        str(said).encode()
        json.dumps(said.failure.to_json(), allow_nan=False)
    else:
        assert isinstance(said, Nonsense)


class FakeServer:
    """Stands for the fork server; the test has the child's end and the server's own."""

    def __init__(self) -> None:
        self.notices, self.channel = socket.socket(), socket.socket()

    def submit(self, request: object) -> tuple[socket.socket, socket.socket]:
        ours, self.notices = socket.socketpair()
        mine, self.channel = socket.socketpair()
        return ours, mine

    def last_words(self) -> str:
        return ""


@pytest.mark.parametrize("seed", range(20))
def test_any_bytes_on_the_channel_end_as_an_error_of_the_file(
    seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    server = FakeServer()
    monkeypatch.setattr(ForkServer, "of_this_process", lambda: server)
    conversion = Conversion(BEARING, tmp_path, PRESETS["draft"], limits=Limits(wall_s=20))
    conversion.start()
    server.notices.sendall(json.dumps({"event": "started", "pid": os.getpid()}).encode() + b"\n")
    sound = json.dumps({"event": "progress", "fraction": 0.1, "stage": "a", "message": "b"}).encode()
    for _ in range(30):
        line = bytearray(sound)
        for _ in range(chance.randrange(4)):
            line[chance.randrange(len(line))] = chance.randrange(256)
        server.channel.sendall(bytes(line) + b"\n")
        conversion.poll(0.01)
    server.channel.sendall(b'{"event": "exit", "code": 0, "peak_mb": 1}\n{"half')
    server.channel.close()
    server.notices.sendall(b'{"event": "exit", "code": -9, "peak_mb": 1}\n')
    server.notices.close()
    while not conversion.done:
        conversion.poll(0.1)
    with pytest.raises(CadError):
        conversion.result()


def test_geometry_as_we_write_it_passes(tmp_path: Path) -> None:
    check_container(write_box(tmp_path / "a.glb"))


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"glTF", b"glTF" + b"\xff" * 40])
def test_what_is_no_glb_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.glb"
    path.write_bytes(content)
    with pytest.raises(BadGlb):
        check_container(path)


def _changed(document: dict[str, Any], path: list[Any], value: Any) -> dict[str, Any]:
    place: Any = document
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    return document


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["buffers", 0, "uri"], "/etc/passwd"),
        (["buffers", 0, "byteLength"], 10**9),
        (["bufferViews", 0, "byteOffset"], -4),
        (["bufferViews", 0, "byteLength"], 10**9),
        (["accessors", 0, "count"], 10**9),
        (["accessors", 0, "bufferView"], 99),
        (["accessors", 0, "componentType"], 5130),
        (["images"], [{"uri": "http://example.org/"}]),
        (["extensionsRequired"], ["X"]),
        (["meshes", 0, "primitives", 0, "indices"], 99),
        (["asset", "version"], "1.0"),
        (["buffers"], []),
        (["accessors"], {"a": 1}),
    ],
)
def test_glb_that_reaches_beyond_itself_is_refused(path: list[Any], value: Any, tmp_path: Path) -> None:
    glb = write_box(tmp_path / "a.glb")
    raw = glb.read_bytes()
    (length,) = struct.unpack_from("<I", raw, 12)
    text = json.dumps(_changed(json.loads(raw[20 : 20 + length]), path, value)).encode()
    text += b" " * (-len(text) % 4)
    chunks = struct.pack("<I4s", len(text), b"JSON") + text + raw[20 + length :]
    glb.write_bytes(struct.pack("<4sII", b"glTF", 2, 12 + len(chunks)) + chunks)
    with pytest.raises(BadGlb):
        check_container(glb)
