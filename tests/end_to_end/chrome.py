"""A real browser for the tests, and what one does with it: fill in, press, wait, hear its complaints."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

T = TypeVar("T")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL without a GPU
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1400,1000",
)
SOFTWARE_GL = "GL Driver Message (OpenGL, Performance"  # says that WebGL in software is slow
INSTALL = "On Debian: apt-get install chromium chromium-driver"
# Everything that the browser refused, gathered in the page itself from its first moment.
WATCH = """
window.refused = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.refused.push(`${event.violatedDirective}: ${event.blockedURI} ${event.sample}`));
window.addEventListener("error", (event) => window.refused.push(`error: ${event.message}`), true);
window.addEventListener("unhandledrejection", (event) => window.refused.push(`rejected: ${event.reason}`));
"""


@contextmanager
def opened(profile: Path) -> Iterator[webdriver.Chrome]:
    """Yield a browser with its data in the folder *profile*; skip the test where none is installed."""
    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    driver = shutil.which("chromedriver")
    if program is None or driver is None:
        pytest.skip(f"there is no {'Chromium' if program is None else 'chromedriver'}. {INSTALL}")
    options = webdriver.ChromeOptions()
    options.binary_location = program
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    chrome = webdriver.Chrome(options=options, service=Service(executable_path=driver))
    try:
        chrome.set_page_load_timeout(60)
        chrome.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})
        yield chrome
    finally:
        chrome.quit()


def field(browser: webdriver.Chrome, name: str) -> WebElement:
    return wait(browser, lambda: browser.find_element(By.NAME, name))


def press(browser: webdriver.Chrome, selector: str) -> None:
    """Click, and wait for the next page."""
    page = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.CSS_SELECTOR, selector).click()
    wait(browser, lambda: browser.find_element(By.TAG_NAME, "html") != page)
    wait(browser, lambda: browser.execute_script("return document.readyState") == "complete")


def wait(browser: webdriver.Chrome, condition: Callable[[], T], seconds: float = 30) -> T:
    return WebDriverWait(browser, seconds).until(lambda _: condition())


def complaints(browser: webdriver.Chrome) -> list[str]:
    """What the page and the browser's console complained about since the last question."""
    refused: list[str] = browser.execute_script("return window.refused")
    console = [
        entry["message"]
        for entry in browser.get_log("browser")
        if entry["level"] in ("SEVERE", "WARNING") and SOFTWARE_GL not in entry["message"]
    ]
    return [*refused, *console]
