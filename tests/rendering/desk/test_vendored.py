"""Browser libraries in the static files are what was fetched, with their licenses, and pages may use them."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.management import call_command

from tests.paths import PROJECT

LOCK = PROJECT / "deploy" / "vendor"
VENDORED = PROJECT / "rendering" / "static" / "rendering" / "vendor"
VIEWER = VENDORED / "model-viewer.min.js"


def sums() -> dict[str, str]:
    lines = (LOCK / "SHA256SUMS").read_text().splitlines()
    return {name: sha256 for sha256, name in (line.split("  ") for line in lines)}


def test_every_vendored_file_has_the_hash_that_was_written_down() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDORED.iterdir()}
    assert found == sums(), "run `make vendor`; when that changes a hash, look at what it fetched"


def test_each_library_in_the_viewer_comes_with_its_license_and_the_version_of_the_lock() -> None:
    lock = json.loads((LOCK / "package-lock.json").read_text())["packages"]
    licenses = (VENDORED / "model-viewer.LICENSES.txt").read_text()
    named = dict(re.findall(r"^======== (\S+) (\S+)$", licenses, re.MULTILINE))
    assert {"@google/model-viewer", "three", "lit"} <= set(named)
    assert named == {name: lock[f"node_modules/{name}"]["version"] for name in named}


def test_the_lock_names_no_host_and_a_hash_for_everything() -> None:
    text = (LOCK / "package-lock.json").read_text()
    assert "://" not in text
    assert all(one["integrity"] for name, one in json.loads(text)["packages"].items() if name)


def test_the_policy_names_the_one_style_inside_the_viewer_and_no_other(settings: Any) -> None:
    (style,) = re.findall(r"<style>(.*?)</style>", VIEWER.read_text(), re.DOTALL)
    sha256 = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert directives["style-src"] == ["'self'", f"'sha256-{sha256}'"]
    assert directives["script-src"] == ["'self'"]


@pytest.mark.usefixtures("db")
def test_static_files_can_be_collected_with_hashed_names(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    call_command("collectstatic", interactive=False, verbosity=0)
    assert (
        staticfiles_storage.url("rendering/vendor/model-viewer.min.js")
        != "/static/rendering/vendor/model-viewer.min.js"
    )
