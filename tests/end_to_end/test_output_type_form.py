"""The form of an output type in a real browser: what does not count steps back, and comes where nobody answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select

from rendering.models import OutputType
from tests.end_to_end.chrome import complaints, opened, wait
from tests.end_to_end.test_accessibility import enter

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with opened(tmp_path_factory.mktemp("chrome")) as chrome:
        yield chrome


def choose(browser: webdriver.Chrome, name: str, value: str) -> None:
    Select(browser.find_element(By.NAME, name)).select_by_value(value)


def is_shown(browser: webdriver.Chrome, name: str) -> bool:
    return browser.find_element(By.NAME, name).is_displayed()


def value_of(browser: webdriver.Chrome, name: str) -> str:
    return str(browser.find_element(By.NAME, name).get_property("value"))


def test_fields_that_do_not_count_step_back_as_one_chooses(
    live_server: Any, browser: webdriver.Chrome
) -> None:
    enter(browser, live_server)
    draft = OutputType.objects.get(slug="draft")
    browser.get(live_server.url + reverse("admin:rendering_outputtype_change", args=[draft.pk]))
    hidden = ("azimuth", "environment", "gradient_color", "quality", "effort", "frames", "fps")
    assert [name for name in hidden if is_shown(browser, name)] == []
    assert all(is_shown(browser, name) for name in ("background_color", "bit_depth", "focal_length"))

    choose(browser, "format", "webp")
    wait(browser, lambda: is_shown(browser, "quality") and not is_shown(browser, "bit_depth"))
    browser.find_element(By.NAME, "lossless").click()
    wait(browser, lambda: not is_shown(browser, "quality"))
    choose(browser, "kind", "turntable")
    wait(browser, lambda: is_shown(browser, "frames"))
    assert value_of(browser, "frames") and value_of(browser, "format") == "mp4", (
        "what a turntable needs is set"
    )
    choose(browser, "kind", "still")
    wait(browser, lambda: not is_shown(browser, "frames") and not value_of(browser, "frames"))
    frames = browser.find_element(By.NAME, "frames")
    browser.execute_script(
        "arguments[0].value = 24; arguments[0].dispatchEvent(new Event('change', {bubbles: true}))", frames
    )
    note = wait(browser, lambda: browser.find_element(By.CSS_SELECTOR, ".field-frames .why-not").text)
    assert note == "This kind of file has none: leave it empty."
    assert is_shown(browser, "frames") and not is_shown(browser, "fps"), "what must be emptied stays in sight"
    assert complaints(browser) == []


def test_where_nobody_answers_every_field_is_there(live_server: Any, browser: webdriver.Chrome) -> None:
    enter(browser, live_server)
    browser.get(live_server.url + reverse("admin:rendering_outputtype_add"))
    assert not is_shown(browser, "azimuth")
    browser.execute_script("document.getElementById('counting').dataset.url = '/admin/no-such-page/'")
    choose(browser, "format", "webp")
    wait(browser, lambda: is_shown(browser, "azimuth"))
    assert all(
        browser.find_element(By.NAME, name).is_displayed()
        for name in ("quality", "bit_depth", "frames", "fps", "environment", "gradient_color")
    )


def test_a_form_that_was_refused_comes_back_as_it_was_chosen(
    live_server: Any, browser: webdriver.Chrome
) -> None:
    enter(browser, live_server)
    browser.get(live_server.url + reverse("admin:rendering_outputtype_add"))
    choose(browser, "camera", "custom")
    wait(browser, lambda: is_shown(browser, "azimuth"))
    html = browser.find_element(By.TAG_NAME, "html")
    browser.find_element(By.NAME, "_save").click()
    wait(browser, lambda: browser.find_element(By.TAG_NAME, "html") != html)
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".errornote"))
    assert is_shown(browser, "azimuth")
