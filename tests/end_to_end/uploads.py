"""The upload page: files for it, what its rows say, and a network that is slow or away."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.end_to_end.chrome import field
from tests.paths import SAMPLE

UPLOAD = "/admin/media_assets/cadfile/add/"
TETRAHEDRON = """solid tetra
facet normal 0 0 -1\n outer loop\n vertex 0 0 0\n vertex 0 9 0\n vertex 9 0 0\n endloop\nendfacet
facet normal 0 -1 0\n outer loop\n vertex 0 0 0\n vertex 9 0 0\n vertex 0 0 9\n endloop\nendfacet
facet normal -1 0 0\n outer loop\n vertex 0 0 0\n vertex 0 0 9\n vertex 0 9 0\n endloop\nendfacet
facet normal 1 1 1\n outer loop\n vertex 9 0 0\n vertex 0 9 0\n vertex 0 0 9\n endloop\nendfacet
endsolid tetra
"""


@dataclass(frozen=True)
class Row:
    """One file on the upload page: its name, what the page said, the state of its conversion, its picture's width."""

    name: str
    said: str
    badge: str
    picture: int


def five_files(folder: Path) -> list[Path]:
    """Write and return five files: the sample, the same under another name, a text, half a STEP file and a mesh."""
    made: dict[str, bytes] = {
        "Einkaufsliste.txt": b"Kugeln, Rollen, Fett\n",
        "half.step": SAMPLE.read_bytes()[:9000],
        "<b>tetra.stl": TETRAHEDRON.encode(),
        "again.step": SAMPLE.read_bytes(),
    }
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return [SAMPLE, *(folder / name for name in made)]


def rows(browser: webdriver.Chrome) -> list[Row]:
    """Return the rows of the upload page; none while one of them has no answer yet."""
    found: list[list[object]] = browser.execute_script(
        """const list = [...document.querySelectorAll("#uploads .upload")];
        if (list.some((one) => one.querySelector(".upload-answer").hidden)) return [];
        return list.map((one) => [one.querySelector(".upload-name").textContent,
          one.querySelector(".upload-answer").textContent, one.querySelector(".badge")?.textContent ?? "",
          one.querySelector("img")?.naturalWidth ?? 0]);"""
    )
    return [Row(*row) for row in found]  # type: ignore[arg-type]


def send_sample(browser: webdriver.Chrome, web: str, **conditions: Any) -> None:
    browser.get(f"{web}{UPLOAD}")
    field(browser, "cad_files").send_keys(str(SAMPLE))
    network(browser, **conditions)
    browser.find_element(By.CSS_SELECTOR, ".submit-row input[type=submit]").click()


def network(browser: webdriver.Chrome, *, is_off: bool = False, upload_bytes: int = -1) -> None:
    """Take the network away, or let it send no more than so many bytes a second (-1: as many as it can)."""
    browser.execute_cdp_cmd("Network.enable", {})
    conditions = {
        "offline": is_off,
        "latency": 0,
        "downloadThroughput": -1,
        "uploadThroughput": upload_bytes,
    }
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", conditions)
