"""The admin in a real browser: no page complains in the console or is stopped by its own Content-Security-Policy."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from tests.end_to_end.installation import Installation
from tests.paths import SAMPLE

pytestmark = [pytest.mark.database, pytest.mark.timeout(400)]

T = TypeVar("T")
PASSWORD = "kegel-rollen-lager"
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1400,1000",
)
INSTALL = "On Debian: apt-get install chromium chromium-driver"
# Everything that the browser refused, gathered in the page itself from its first moment.
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
window.addEventListener("error", (event) => window.refused.push(`error: ${event.message}`), true);
window.addEventListener("unhandledrejection", (event) => window.refused.push(`rejected: ${event.reason}`));
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
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip(f"there is no {'Chromium' if program is None else 'chromedriver'}. {INSTALL}")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(executable_path=driver))
    try:
        chrome.set_page_load_timeout(60)
        chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        yield chrome
    finally:
        chrome.quit()


@pytest.fixture(scope="module")
def operator(browser: webdriver.Chrome, web: str) -> webdriver.Chrome:
    """A browser whose user has typed name and password."""
    browser.get(f"{web}/")
    field(browser, "username").send_keys("boss")
    field(browser, "password").send_keys(PASSWORD)
    press(browser, "input[type=submit]")
    assert browser.title.startswith("Desk")
    return browser


@pytest.fixture(scope="module")
def uploaded(
    desk: Installation, operator: webdriver.Chrome, web: str, tmp_path_factory: pytest.TempPathFactory
) -> list[str]:
    """What the admin said to the sample and a text file, uploaded in one form."""
    note: Path = tmp_path_factory.mktemp("upload") / "Einkaufsliste.txt"
    note.write_text("Kugeln, Rollen, Fett\n")
    operator.get(f"{web}/admin/media_assets/cadfile/add/")
    field(operator, "cad_files").send_keys(f"{SAMPLE}\n{note}")
    press(operator, ".submit-row input[type=submit]")
    said = [item.text for item in operator.find_elements(By.CSS_SELECTOR, ".messagelist li")]
    desk.wait_until(lambda: desk.jobs("encode", "succeeded"), "the thumbnail", 180)
    return said


def field(browser: webdriver.Chrome, name: str) -> WebElement:
    return wait(browser, lambda: browser.find_element(By.NAME, name))


def press(browser: webdriver.Chrome, selector: str) -> None:
    """Click, and wait for the next page."""
    page = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.CSS_SELECTOR, selector).click()
    wait(browser, lambda: browser.find_element(By.TAG_NAME, "html") != page)
    wait(browser, lambda: browser.execute_script("return document.readyState") == "complete")


def wait(browser: webdriver.Chrome, condition: Callable[[], T]) -> T:
    return WebDriverWait(browser, 30).until(lambda _: condition())


def complaints(browser: webdriver.Chrome) -> list[str]:
    """What the page and the browser's console complained about since the last question."""
    refused: list[str] = browser.execute_script("return window.refused")
    console = [
        entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")
    ]
    return [*refused, *console]


def path_of(desk: Installation, model: str, query: str) -> str:
    app, name = model.split(".")
    return desk.shell(
        "from django.apps import apps\n"
        f"row = apps.get_model({app!r}, {name!r}).objects.{query}\n"
        f"print(f'/admin/{app}/{name.lower()}/{{row.pk}}/change/')"
    )


def test_a_good_and_a_bad_file_each_get_an_answer(uploaded: list[str], operator: webdriver.Chrome) -> None:
    good, bad = uploaded
    assert "tapered_roller_bearing.step" in good and "uploaded as product" in good
    assert "Einkaufsliste.txt" in bad and "refused" in bad
    assert not complaints(operator)


PAGES = {
    "desk": lambda desk: "/admin/",
    "CAD files": lambda desk: "/admin/media_assets/cadfile/",
    "CAD file": lambda desk: path_of(desk, "media_assets.CadFile", "get()"),
    "products": lambda desk: "/admin/media_assets/product/",
    "product": lambda desk: path_of(desk, "media_assets.Product", "get()"),
    "assets": lambda desk: "/admin/media_assets/mediaasset/",
    "asset": lambda desk: path_of(desk, "media_assets.MediaAsset", "get(kind='thumbnail')"),
    "orders": lambda desk: "/admin/rendering/order/",
    "order": lambda desk: path_of(desk, "rendering.Order", "first()"),
    "jobs": lambda desk: "/admin/rendering/job/",
    "job": lambda desk: path_of(desk, "rendering.Job", "get(kind='render')"),
    "output types": lambda desk: "/admin/rendering/outputtype/",
    "output type": lambda desk: path_of(desk, "rendering.OutputType", "get(slug='draft')"),
    "settings": lambda desk: "/admin/gpu/systemsettings/",
    "workers": lambda desk: "/admin/gpu/worker/",
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_without_a_complaint(
    desk: Installation, web: str, operator: webdriver.Chrome, uploaded: list[str], name: str
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
    desk: Installation, web: str, operator: webdriver.Chrome, uploaded: list[str], name: str
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
    desk: Installation, web: str, operator: webdriver.Chrome, uploaded: list[str]
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
