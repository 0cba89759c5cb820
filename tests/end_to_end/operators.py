"""An operator at a real browser: goes to pages, presses buttons, and hears it when a page complains."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By

from tests.end_to_end.chrome import complaints, field, press, wait
from tests.end_to_end.installation import Installation

PASSWORD = "kegel-rollen-lager"


@dataclass(frozen=True)
class Operator:
    """Somebody with a browser and an installation at *web*. Each page that they visit must have no complaint."""

    browser: webdriver.Chrome
    web: str
    desk: Installation

    def log_in(self, name: str) -> None:
        self.browser.get(f"{self.web}/admin/")
        field(self.browser, "username").send_keys(name)
        field(self.browser, "password").send_keys(PASSWORD)
        self.press("input[type=submit]")
        assert self.browser.title.startswith("Desk")

    def go(self, path: str) -> None:
        self.browser.get(self.web + path)
        self.look()

    def press(self, selector: str) -> None:
        """Click, wait for the next page, and look at it."""
        press(self.browser, selector)
        self.look()

    def look(self) -> None:
        """Assert that the page is one of ours, whole, and has nothing to complain about."""
        browser = self.browser
        assert "Renderdesk" in browser.title, browser.title
        assert browser.find_elements(By.ID, "content"), browser.title
        broken = (
            "return [...document.images].filter(one => one.complete && !one.naturalWidth).map(one => one.src)"
        )
        assert not browser.execute_script(broken), browser.title
        found = complaints(browser)
        assert not found, f"{browser.current_url}: {found}"

    def tick(self, name: str) -> None:
        """Tick the box with this name."""
        self.browser.find_element(By.CSS_SELECTOR, f"input[type=checkbox][aria-label='{name}']").click()

    def said(self) -> str:
        """What the page tells in its messages."""
        return " ".join(one.text for one in self.browser.find_elements(By.CSS_SELECTOR, ".messagelist li"))

    def text(self, selector: str = "#content") -> str:
        return self.browser.find_element(By.CSS_SELECTOR, selector).text

    def sees(self, words: str, selector: str = "#content", seconds: float = 60) -> None:
        """Wait until the page, which is not loaded again, shows *words*."""
        self.browser.execute_script("window.isTheSamePage = true")
        wait(self.browser, lambda: words in self.text(selector), seconds)
        assert self.browser.execute_script("return window.isTheSamePage")

    def download(self, selector: str, folder: Path) -> Path:
        """Click what brings a file and return where it lies when all of it is there."""
        rule = {"behavior": "allow", "downloadPath": str(folder)}
        self.browser.execute_cdp_cmd("Browser.setDownloadBehavior", rule)
        before = set(folder.iterdir())
        self.browser.find_element(By.CSS_SELECTOR, selector).click()

        def arrived() -> list[Path]:
            return [
                one for one in set(folder.iterdir()) - before if one.suffix not in (".crdownload", ".tmp")
            ]

        (file,) = wait(self.browser, arrived)
        return file


@dataclass
class Clicks:
    """What is clicked, counted; a file dialog counts as one."""

    olga: Operator
    count: int = 0

    def press(self, selector: str) -> None:
        self.olga.press(selector)
        self.count += 1

    def click(self, selector: str) -> None:
        self.olga.browser.find_element(By.CSS_SELECTOR, selector).click()
        self.count += 1

    def choose(self, path: Path) -> None:
        field(self.olga.browser, "cad_files").send_keys(str(path))
        self.count += 1


def pictures(browser: webdriver.Chrome) -> list[str]:
    """The addresses of the pictures that the page shows now."""
    found: list[str] = browser.execute_script(
        "return [...document.querySelectorAll('#content img')].filter(one => one.naturalWidth).map(one => one.src)"
    )
    return found


def path_of(desk: Installation, model: str, query: str) -> str:
    """Return the address of a row's page."""
    app, name = model.split(".")
    return desk.shell(
        "from django.apps import apps\n"
        f"row = apps.get_model({app!r}, {name!r}).objects.{query}\n"
        f"print(f'/admin/{app}/{name.lower()}/{{row.pk}}/change/')"
    )
