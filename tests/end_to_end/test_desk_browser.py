"""What hindered an operator once, done in a real browser: deliverables, two tabs, revisions, shares, languages.

Nothing is converted or rendered.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.urls import reverse
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

from media_assets.ingest import receive
from media_assets.models import CadFile, Product
from rendering.models import Order, OutputType
from tests.end_to_end.chrome import complaints, field, opened, press, wait
from tests.end_to_end.operators import PASSWORD
from tests.end_to_end.test_accessibility import change, enter
from tests.end_to_end.uploads import TETRAHEDRON, UPLOAD, rows
from tests.rendering.desk.conftest import World, make_world, picture_of
from tests.rendering.desk.test_asset_page import deliver

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with opened(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture
def world(live_server: Any, tmp_path: Path, browser: webdriver.Chrome) -> Iterator[World]:
    made = make_world(tmp_path)
    enter(browser, live_server)
    yield made
    assert not complaints(browser)
    browser.get("about:blank")  # or a live page asks the next world


def text(browser: webdriver.Chrome, selector: str = "#content") -> str:
    return browser.find_element(By.CSS_SELECTOR, selector).text


def type_in(browser: webdriver.Chrome, name: str, words: str) -> None:
    field(browser, name).clear()
    field(browser, name).send_keys(words)


def test_deliverables_are_filtered_kept_as_a_view_and_judged(
    live_server: Any, world: World, browser: webdriver.Chrome
) -> None:
    OutputType.objects.filter(slug="thumbnail").update(needs_approval=True)
    Product.objects.bulk_create(Product(number=f"A-{one}") for one in range(30))
    deliverables = live_server.url + reverse("admin:rendering_matrix")
    browser.get(deliverables)
    browser.execute_script("document.querySelector('.matrix-scroll').scrollTop = 400")
    top = "return document.querySelector('{}').getBoundingClientRect().top"
    header, box = (browser.execute_script(top.format(one)) for one in (".matrix thead th", ".matrix-scroll"))
    assert abs(header - box) < 2, "the header stays while the products are scrolled"

    press(browser, ".chip-awaiting")
    assert len(browser.find_elements(By.CSS_SELECTOR, ".matrix tbody tr")) == 1
    browser.find_element(By.CSS_SELECTOR, ".matrix-columns summary").click()
    column = browser.find_element(By.PARTIAL_LINK_TEXT, str(OutputType.objects.get(slug="thumbnail")))
    browser.get(str(column.get_attribute("href")))
    type_in(browser, "name", "To approve")
    press(browser, "[value=save]")
    browser.get(deliverables)
    press(browser, "nav.chips a:nth-child(2)")
    assert len(browser.find_elements(By.CSS_SELECTOR, ".matrix thead th")) == 2
    assert text(browser, ".chip[aria-current]").startswith("Awaiting approval")

    press(browser, ".cell-approval a")
    browser.find_element(By.CSS_SELECTOR, ".review-stage img").click()
    assert field(browser, "x").get_property("value") == field(browser, "y").get_property("value") == "50.0"
    assert browser.switch_to.active_element == field(browser, "comment")
    browser.switch_to.active_element.send_keys("A scratch")
    press(browser, ".review-place + .review-buttons button")
    assert "A scratch" in text(browser, ".review-past")
    assert text(browser, ".review-pins text") == "1"
    press(browser, "[value=rejected]")
    assert "Say what is wrong" in text(browser, "main")
    type_in(browser, "note", "Too dark")
    press(browser, "[value=rejected]")
    assert "Rejected" in text(browser, ".review-state") and "Too dark" in text(browser, ".review-side")
    press(browser, "a[href*='/outputtype/add/']")
    assert field(browser, "samples").is_displayed(), "the same with other settings"


def test_two_tabs_and_a_log_in_meanwhile_lose_nothing(
    live_server: Any, world: World, browser: webdriver.Chrome
) -> None:
    draft = OutputType.objects.get(slug="draft")
    first = browser.current_window_handle
    form = live_server.url + change("rendering_outputtype", draft.pk)
    browser.get(form)
    browser.switch_to.new_window("tab")
    second = browser.current_window_handle
    browser.get(form)
    type_in(browser, "samples", "111")
    press(browser, "[name=_save]")
    browser.switch_to.window(first)
    type_in(browser, "samples", "222")
    press(browser, "[name=_save]")
    refused = text(browser, ".errorlist")
    assert "Somebody else has saved this page" in refused and "Samples: 111" in refused
    assert field(browser, "samples").get_property("value") == "222"
    press(browser, "[name=_save]")
    draft.refresh_from_db()
    assert draft.samples == 222

    browser.get(live_server.url + reverse("admin:rendering_order_add", query={"product": "1001"}))
    browser.find_element(By.CSS_SELECTOR, "#id_output_types input").click()
    type_in(browser, "note", "For the fair")
    User.objects.create_superuser("olga", password=PASSWORD)
    browser.switch_to.window(second)
    browser.get(live_server.url + reverse("admin:index"))
    press(browser, "#logout-form button")
    browser.get(live_server.url + reverse("admin:login"))
    type_in(browser, "username", "olga")
    type_in(browser, "password", PASSWORD)
    press(browser, "[type=submit]")
    browser.close()
    browser.switch_to.window(first)
    press(browser, ".submit-row .default")
    assert "nothing that you typed is lost" in " ".join(text(browser).split()) and "olga" in text(browser)
    assert any("403" in one for one in complaints(browser))
    press(browser, ".submit-row .default")
    assert Order.objects.latest("pk").note == "For the fair"


def test_a_superseded_file_asks_and_an_earlier_revision_becomes_current(
    live_server: Any, world: World, browser: webdriver.Chrome, tmp_path: Path
) -> None:
    old, new = tmp_path / "wedge.stl", tmp_path / "wedge-b.stl"
    old.write_text(TETRAHEDRON)
    new.write_text(TETRAHEDRON.replace("9", "8"))

    def upload(path: Path) -> None:
        browser.get(live_server.url + UPLOAD)
        Select(field(browser, "unit")).select_by_visible_text("Millimeter")
        field(browser, "cad_files").send_keys(str(path))
        browser.find_element(By.CSS_SELECTOR, ".submit-row input[type=submit]").click()
        wait(browser, lambda: rows(browser))

    upload(old)
    upload(new)
    product = Product.objects.get(number="wedge")
    receive.assign(product, CadFile.objects.get(original_name="wedge-b.stl"))
    upload(old)
    assert "is an earlier revision of product wedge" in text(browser, ".upload-answer")
    press(browser, ".upload-answer a")
    press(browser, "[name=revision]")
    browser.get(live_server.url + change("media_assets_product", product.pk))
    assert "Current" in text(browser, ".revisions li:nth-child(2)")
    press(browser, ".revisions button[name=revision]")
    assert "Revision 2 is the current one now" in text(browser, ".messagelist")
    assert "Current" in text(browser, ".revisions li:first-child")
    assert "waiting to be converted" in text(browser)
    world.product.cad_file = world.failed_cad_file
    world.product.save()
    browser.get(live_server.url + change("media_assets_product", world.product.pk))
    assert "Failed" in text(browser, ".revisions") or "crashed the reader" in text(browser)


def test_what_a_change_makes_stale_is_said_before_it_is_saved(
    live_server: Any, world: World, browser: webdriver.Chrome
) -> None:
    thumbnail = OutputType.objects.get(slug="thumbnail")
    browser.get(live_server.url + change("rendering_outputtype", thumbnail.pk))
    assert not browser.find_element(By.ID, "effect").is_displayed()
    type_in(browser, "samples", str(thumbnail.samples + 1))
    assert "1001" in wait(browser, lambda: text(browser, "#effect"))
    thumbnail.refresh_from_db()
    type_in(browser, "samples", str(thumbnail.samples))
    wait(browser, lambda: not browser.find_element(By.ID, "effect").is_displayed())


def test_a_shared_picture_is_one_click_for_whoever_gets_its_address(
    live_server: Any, world: World, browser: webdriver.Chrome, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    browser.get(live_server.url + change("media_assets_mediaasset", world.asset.pk))
    press(browser, ".object-tools a[href*='/sharelink/add/']")
    press(browser, ".submit-row input[type=submit]")
    address = str(browser.find_element(By.CSS_SELECTOR, ".share-address").get_property("value"))
    browser.find_element(By.CSS_SELECTOR, "[data-copy] button").click()
    assert wait(browser, lambda: text(browser, "[data-copy] [role=status]")) in (
        "Copied",
        "Press Ctrl+C to copy it",
    )
    browser.delete_all_cookies()
    browser.get(address)
    assert "1001_thumbnail_64x64.png" in text(browser, "main") and "available until" in text(browser, ".head")
    loaded = "return document.querySelector('main li img').naturalWidth"
    assert wait(browser, lambda: browser.execute_script(loaded)) == 64


def test_an_earlier_picture_lies_over_the_new_one_up_to_the_slider(
    live_server: Any, world: World, browser: webdriver.Chrome, tmp_path: Path
) -> None:
    new = picture_of(world.product, tmp_path, samples=128)
    deliver(world, new)
    browser.get(live_server.url + change("media_assets_mediaasset", new.pk))
    now, before = browser.find_elements(By.CSS_SELECTOR, "[data-compare] img")
    assert now.rect == before.rect and now.rect["width"] > 0
    clip = "return getComputedStyle(document.querySelector('.compare-before')).clipPath"
    half = browser.execute_script(clip)
    browser.find_element(By.CSS_SELECTOR, "[data-compare] input").send_keys(Keys.HOME)
    assert "50%" in half and "100%" in browser.execute_script(clip)


def test_people_choose_their_language_and_their_time_zone(
    live_server: Any, world: World, browser: webdriver.Chrome
) -> None:
    browser.get(live_server.url + reverse("admin:preferences"))
    Select(field(browser, "language")).select_by_value("de")
    Select(field(browser, "time_zone")).select_by_value("Asia/Shanghai")
    press(browser, ".submit-row input")
    browser.get(live_server.url + change("rendering_order", world.order.pk))
    assert browser.execute_script("return document.documentElement.lang") == "de"
    assert "Auftrag" in text(browser, "h1")
    browser.get(f"{live_server.url}/admin/rendering/order/999/change/")
    assert browser.find_element(By.ID, "nav-sidebar").is_displayed()
    complaints(browser)
