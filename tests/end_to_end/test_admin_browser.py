"""The admin in a real browser: no page complains in the console or is stopped by its own Content-Security-Policy."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.end_to_end.chrome import complaints, field, opened, press, wait
from tests.end_to_end.installation import Installation
from tests.paths import SAMPLE

pytestmark = pytest.mark.timeout(400)

PASSWORD = "kegel-rollen-lager"
TETRAHEDRON = """solid tetra
facet normal 0 0 -1\n outer loop\n vertex 0 0 0\n vertex 0 9 0\n vertex 9 0 0\n endloop\nendfacet
facet normal 0 -1 0\n outer loop\n vertex 0 0 0\n vertex 9 0 0\n vertex 0 0 9\n endloop\nendfacet
facet normal -1 0 0\n outer loop\n vertex 0 0 0\n vertex 0 0 9\n vertex 0 9 0\n endloop\nendfacet
facet normal 1 1 1\n outer loop\n vertex 9 0 0\n vertex 0 9 0\n vertex 0 0 9\n endloop\nendfacet
endsolid tetra
"""


@pytest.fixture(scope="module")
def web(desk: Installation) -> str:
    desk.shell(
        "from django.contrib.auth.models import User\n"
        f"User.objects.create_superuser('boss', password={PASSWORD!r})"
    )
    return desk.start_web()


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with opened(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture(scope="module")
def operator(browser: webdriver.Chrome, web: str) -> webdriver.Chrome:
    """A browser whose user has typed name and password."""
    browser.get(f"{web}/")
    field(browser, "username").send_keys("boss")
    field(browser, "password").send_keys(PASSWORD)
    press(browser, "input[type=submit]")
    assert browser.title.startswith("Desk")
    return browser


@dataclass(frozen=True)
class Row:
    """One file on the upload page: its name, what the page said, the state of its conversion, its picture's width."""

    name: str
    said: str
    badge: str
    picture: int


@pytest.fixture(scope="module")
def uploaded(
    desk: Installation, operator: webdriver.Chrome, web: str, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Row]:
    """The rows of five files, dropped into the upload page at once, when the last picture has come.

    The sample, the same again under another name, a text, half a STEP file and a mesh.
    """
    folder: Path = tmp_path_factory.mktemp("upload")
    (folder / "Einkaufsliste.txt").write_text("Kugeln, Rollen, Fett\n")
    (folder / "half.step").write_bytes(SAMPLE.read_bytes()[:9000])
    (folder / "again.step").write_bytes(SAMPLE.read_bytes())
    (folder / "<b>tetra.stl").write_text(TETRAHEDRON)
    names = ("Einkaufsliste.txt", "half.step", "<b>tetra.stl", "again.step")
    operator.get(f"{web}/admin/media_assets/cadfile/add/")
    field(operator, "unit").send_keys("Millimetre")
    field(operator, "cad_files").send_keys("\n".join([str(SAMPLE), *(str(folder / name) for name in names)]))
    operator.find_element(By.CSS_SELECTOR, ".submit-row input[type=submit]").click()
    wait(operator, lambda: rows(operator) and not operator.find_elements(By.CSS_SELECTOR, "[data-live]"), 120)
    desk.wait_until(lambda: not desk.jobs(state="queued") and not desk.jobs(state="running"), "all done")
    return {row.name: row for row in rows(operator)}


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


def path_of(desk: Installation, model: str, query: str) -> str:
    app, name = model.split(".")
    return desk.shell(
        "from django.apps import apps\n"
        f"row = apps.get_model({app!r}, {name!r}).objects.{query}\n"
        f"print(f'/admin/{app}/{name.lower()}/{{row.pk}}/change/')"
    )


def test_each_of_five_files_has_a_row_that_tells_the_truth(
    uploaded: dict[str, Row], operator: webdriver.Chrome
) -> None:
    good, known = uploaded["tapered_roller_bearing.step"], uploaded["again.step"]
    assert "uploaded as product tapered_roller_bearing" in good.said
    assert "known already: it is the CAD file of product tapered_roller_bearing" in known.said
    assert (good.badge, good.picture, known.badge) == ("Ready", 64, "Ready"), "converted and pictured, live"
    assert "was refused: This is not a CAD file" in uploaded["Einkaufsliste.txt"].said
    assert uploaded["Einkaufsliste.txt"].badge == ""
    assert "ends too early" in uploaded["half.step"].said and uploaded["half.step"].badge == "Failed"
    assert uploaded["<b>tetra.stl"].badge == "Ready"
    said = operator.find_element(By.ID, "uploads-said")
    assert (said.text, said.get_attribute("role")) == ("3 of 5 done, 2 with a problem", "status")
    again = operator.find_elements(By.CSS_SELECTOR, "[data-do=again]")
    assert not any(button.is_displayed() for button in again), "the same file would be refused again"
    assert not complaints(operator)


def test_a_file_on_its_way_shows_its_progress_and_keeps_the_page_from_being_left(
    uploaded: dict[str, Row], operator: webdriver.Chrome, web: str
) -> None:
    send_sample(operator, web, upload_bytes=100_000)
    bar = operator.find_element(By.CSS_SELECTOR, "#uploads progress")
    assert bar.accessible_name == "Upload of tapered_roller_bearing.step"
    assert wait(operator, lambda: 0 < float(str(bar.get_property("value"))) < 1)
    leave = "return dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert not operator.execute_script(leave), "leaving the page now asks first"
    network(operator)
    assert "known already" in wait(operator, lambda: rows(operator))[0].said
    assert operator.execute_script(leave)
    assert not complaints(operator)


def test_a_file_that_could_not_be_sent_says_why_and_can_be_sent_again(
    uploaded: dict[str, Row], operator: webdriver.Chrome, web: str
) -> None:
    try:
        send_sample(operator, web, is_off=True)
        assert "The connection broke off" in wait(operator, lambda: rows(operator))[0].said
    finally:
        network(operator)
    operator.find_element(By.CSS_SELECTOR, "[data-do=again]").click()
    wait(operator, lambda: any("known already" in row.said for row in rows(operator)))
    operator.get_log("browser")  # the browser's own word on the broken connection


def send_sample(browser: webdriver.Chrome, web: str, **conditions: Any) -> None:
    browser.get(f"{web}/admin/media_assets/cadfile/add/")
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


def test_without_the_script_the_form_uploads_and_answers_as_before(
    uploaded: dict[str, Row], operator: webdriver.Chrome, web: str
) -> None:
    try:
        operator.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        operator.get(f"{web}/admin/media_assets/cadfile/add/")
        field(operator, "cad_files").send_keys(str(SAMPLE))
        operator.find_element(By.CSS_SELECTOR, ".submit-row input[type=submit]").click()
        said = wait(operator, lambda: operator.find_elements(By.CSS_SELECTOR, ".messagelist li"))
        assert "known already" in said[0].text
    finally:
        operator.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


BEARING = "number='tapered_roller_bearing'"
PAGES = {
    "desk": lambda desk: "/admin/",
    "upload": lambda desk: "/admin/media_assets/cadfile/add/",
    "CAD files": lambda desk: "/admin/media_assets/cadfile/",
    "CAD file": lambda desk: path_of(desk, "media_assets.CadFile", "get(format='step', state='ready')"),
    "failed CAD file": lambda desk: path_of(desk, "media_assets.CadFile", "get(state='failed')"),
    "reading options": lambda desk: path_of(desk, "media_assets.CadFile", "get(format='stl')").replace(
        "change", "reading"
    ),
    "products": lambda desk: "/admin/media_assets/product/",
    "product": lambda desk: path_of(desk, "media_assets.Product", f"get({BEARING})"),
    "assets": lambda desk: "/admin/media_assets/mediaasset/",
    "asset": lambda desk: path_of(
        desk, "media_assets.MediaAsset", f"get(kind='thumbnail', product__{BEARING})"
    ),
    "orders": lambda desk: "/admin/rendering/order/",
    "order": lambda desk: path_of(desk, "rendering.Order", "first()"),
    "jobs": lambda desk: "/admin/rendering/job/",
    "job": lambda desk: path_of(desk, "rendering.Job", f"get(kind='render', product__{BEARING})"),
    "output types": lambda desk: "/admin/rendering/outputtype/",
    "output type": lambda desk: path_of(desk, "rendering.OutputType", "get(slug='draft')"),
    "settings": lambda desk: "/admin/gpu/systemsettings/",
    "workers": lambda desk: "/admin/gpu/worker/",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_a_complaint(
    desk: Installation, web: str, operator: webdriver.Chrome, uploaded: dict[str, Row], name: str
) -> None:
    operator.get(web + PAGES[name](desk))
    assert "Renderdesk" in operator.title
    assert operator.find_elements(By.ID, "content"), operator.title
    assert not complaints(operator)
    broken = operator.execute_script(
        "return [...document.images].filter(one => one.complete && !one.naturalWidth).map(one => one.src)"
    )
    assert not broken


@pytest.mark.parametrize("name", ["CAD file", "asset", "order", "desk"])
def test_the_picture_is_really_shown(
    desk: Installation, web: str, operator: webdriver.Chrome, uploaded: dict[str, Row], name: str
) -> None:
    operator.get(web + PAGES[name](desk))
    shown = wait(
        operator,
        lambda: operator.execute_script(
            "return [...document.querySelectorAll('#content img')].filter(one => one.naturalWidth === 64).length"
        ),
    )
    assert shown


def test_the_desk_shows_a_new_picture_without_a_reload(
    desk: Installation, web: str, operator: webdriver.Chrome, uploaded: dict[str, Row]
) -> None:
    operator.get(f"{web}/admin/")
    operator.execute_script("window.isTheSamePage = true")
    before = pictures(operator)
    desk.make_tiny("shown-later", samples=5)
    order = ("order", "--product", "tapered_roller_bearing", "--output-type", "shown-later", "--wait")
    assert desk.manage(*order, "--timeout", "120").code == 0
    wait(operator, lambda: pictures(operator) != before)
    assert operator.execute_script("return window.isTheSamePage")
    assert not complaints(operator)


def pictures(browser: webdriver.Chrome) -> list[str]:
    found: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('#content img')].map(one => one.getAttribute('src'))"
    )
    return found


def test_an_inline_script_would_be_stopped(web: str, operator: webdriver.Chrome) -> None:
    operator.get(f"{web}/admin/")
    operator.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.broken = true';"
        "document.body.append(script)"
    )
    assert operator.execute_script("return window.broken === undefined")
    assert any("script-src" in one for one in complaints(operator)), "and this test would notice"
