"""Signed manifests, written by the contained encoder and read by the library: whole, and after a changed byte."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rendering.delivery.verifying import manifest_reader
from rendering.models.errors import JobError
from rendering.pictures import formats, gate, provenance, signing
from rendering.pictures.encoder import Encoder
from rendering.pictures.limits import EncodingLimits
from rendering.pictures.signing import NoSigningKey, SigningKey
from tests import factories

LIMITS = EncodingLimits(60, 30, 0)
ABOUT = {"recipe_key": "ab" * 32, "cad_sha256": "cd" * 32, "device_used": "GPU", "blender_version": "4.5.15"}
RECIPE: dict[str, Any] = {
    "kind": "still",
    "view": {"geometry": "ef" * 32},
    "width": 64,
    "height": 48,
    "background": ["#ffffff"],
    "signed": True,
}


@pytest.fixture
def key(tmp_path: Path) -> SigningKey:
    certificates, private, roots = signing.create("Acme GmbH")
    for name, text in (("certificate", certificates), ("key", private), ("roots", roots)):
        (tmp_path / f"{name}.pem").write_text(text)
    return SigningKey.load(tmp_path / "certificate.pem", tmp_path / "key.pem")


@pytest.fixture
def encoder(tmp_path: Path) -> Iterator[Encoder]:
    (tmp_path / "out").mkdir()
    started = Encoder(tmp_path, tmp_path / "out")
    yield started
    started.kill()


def read(path: Path, roots: Path) -> dict[str, Any]:
    return manifest_reader.read(path, roots.read_text())


def test_each_format_holds_a_manifest_that_a_changed_byte_breaks(
    encoder: Encoder, key: SigningKey, tmp_path: Path
) -> None:
    master = factories.picture(tmp_path / "master.png", (64, 48))
    signed = [row for row in formats.OUTPUT_FORMATS.values() if row.has_manifest and not row.is_film]
    assert {row.name for row in signed} == {"png", "jpg", "webp", "avif", "tiff"}
    for row, depth in [(one, depth) for one in signed for depth in one.bit_depths]:
        recipe = {**RECIPE, "format": row.name, "bit_depth": depth, "max_bytes": 100_000}
        target = tmp_path / "out" / f"a.{row.name}"
        made = encoder.write(
            master, target, recipe, ABOUT, measures_png=False, limits=LIMITS, tick=lambda _: None, key=key
        )
        assert made.facts is not None and made.facts["bytes"] == target.stat().st_size, (
            "measured as delivered"
        )
        assert gate.check(target, recipe) == [], (row.name, depth)
        found = read(target, tmp_path / "roots.pem")
        assert (found["state"], found["codes"], found["signer"]) == ("Trusted", [], "Acme GmbH"), row.name
        assert found["assertions"][provenance.OWN] == {
            "cad_sha256": "cd" * 32,
            "geometry": "ef" * 32,
            "view": provenance.recipe_key(RECIPE["view"]),
            "recipe": "ab" * 32,
            "receipt": {"device_used": "GPU", "blender_version": "4.5.15"},
        }
        content = bytearray(target.read_bytes())
        # The manifest is at the end of a WebP and a TIFF, else at the beginning; its own padding may be anything.
        content[300 if row.name in ("webp", "tiff") else -30] ^= 1
        target.write_bytes(content)
        assert read(target, tmp_path / "roots.pem")["state"] == "Invalid", (row.name, depth)
    assert encoder.alive


def test_a_stranger_s_key_is_valid_but_not_believed(
    encoder: Encoder, key: SigningKey, tmp_path: Path
) -> None:
    master = factories.picture(tmp_path / "master.png", (64, 48))
    target = tmp_path / "out" / "a.png"
    recipe = {**RECIPE, "format": "png"}
    encoder.write(
        master, target, recipe, ABOUT, measures_png=False, limits=LIMITS, tick=lambda _: None, key=key
    )
    (tmp_path / "others.pem").write_text(signing.create("Somebody else")[2])
    found = read(target, tmp_path / "others.pem")
    assert (found["state"], found["codes"]) == ("Valid", ["signingCredential.untrusted"])
    encoder.write(
        master,
        target,
        {**recipe, "signed": False},
        ABOUT,
        measures_png=False,
        limits=LIMITS,
        tick=lambda _: None,
    )
    assert read(target, tmp_path / "roots.pem") == {"state": ""}


def test_the_child_gets_no_signature_without_a_key(encoder: Encoder, tmp_path: Path) -> None:
    master = factories.picture(tmp_path / "master.png", (64, 48))
    recipe = {**RECIPE, "format": "png"}
    with pytest.raises(JobError):
        encoder.write(
            master,
            tmp_path / "out" / "a.png",
            recipe,
            ABOUT,
            measures_png=False,
            limits=LIMITS,
            tick=lambda _: None,
        )


def test_a_key_that_can_t_be_used_says_why(key: SigningKey, tmp_path: Path) -> None:
    (tmp_path / "other.pem").write_text(signing.create("Acme")[1])
    for certificate, private, words in (
        ("none.pem", "key.pem", "signing_key create"),
        ("key.pem", "key.pem", "can't be read as PEM"),
        ("certificate.pem", "other.pem", "is not the certificate of"),
    ):
        with pytest.raises(NoSigningKey, match=words):
            SigningKey.load(tmp_path / certificate, tmp_path / private)
