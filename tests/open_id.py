"""A real OpenID provider for the tests: `oidc-provider` under Node.js, on loopback."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module, reload
from typing import Any

import pytest
import requests
from django.urls import clear_url_caches

from tests.paths import PROJECT

FOLDER = PROJECT / "tests" / "node"
NODE = shutil.which("node")
OLDEST = 20  # jose needs its Web Crypto
CLIENT, SECRET = "renderdesk", "a secret of the tests"
NEEDS = "needs Node.js 20 (nodejs and npm) and its package: npm ci --prefix tests/node"


@dataclass
class OpenIdServer:
    issuer: str

    def spoil(self, how: str) -> None:
        """Make each ID token wrong in one way; "" for right ones."""
        requests.get(f"{self.issuer}/spoil", {"how": how}, timeout=10).raise_for_status()

    def change(self, **people: dict[str, Any]) -> None:
        """Say who people are from now on, by sub."""
        requests.get(f"{self.issuer}/people", {"are": json.dumps(people)}, timeout=10).raise_for_status()

    def answer(self, address: str, sub: str) -> str:
        """Go where Renderdesk leads, log in as *sub* ("": cancel), and return the address back to Renderdesk."""
        with requests.Session() as browser:
            page = browser.get(address, timeout=10)
            while "/who/" in page.url:
                page = browser.get(page.url, params={"sub": sub}, timeout=10, allow_redirects=False)
                while (place := page.headers.get("Location", "")).startswith(self.issuer):
                    page = browser.get(place, timeout=10, allow_redirects=False)
            return place


@contextmanager
def serving() -> Iterator[OpenIdServer]:
    """Yield a provider that runs; skip where its programs are missing."""
    if NODE is None or not (FOLDER / "node_modules" / "oidc-provider").is_dir():
        pytest.skip(NEEDS)
    version = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True).stdout
    if int(re.findall(r"\d+", version)[0]) < OLDEST:
        pytest.skip(f"{NEEDS}; this is {version.strip()}")
    said = json.dumps({"client_id": CLIENT, "client_secret": SECRET, "people": {}})
    process = subprocess.Popen(
        [NODE, "openid.mjs", said], cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert process.stdout is not None
        yield OpenIdServer(process.stdout.readline().strip())
    finally:
        process.kill()
        process.communicate()


def switch_on(settings: Any, issuer: str) -> None:
    """Configure *issuer*, and serve the addresses of the log-in. Afterwards `urls_again` is to be called."""
    settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = issuer, CLIENT, SECRET
    settings.OIDC_ON, settings.OIDC_LABEL = True, "Keycloak"
    settings.OIDC_GROUPS = [("designers", "Operator"), ("bosses", "Render admin")]
    urls_again()


def urls_again() -> None:
    """Read the addresses again, which depend on whether there is a provider."""
    reload(sys.modules.get("config.urls") or import_module("config.urls"))
    clear_url_caches()
