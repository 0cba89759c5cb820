"""Assets in a real browser: the grid, an address copied, a film turned by hand, geometry in 3-D, the finish of a part.

Orders are placed, and nothing renders.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement

from tests.end_to_end.chrome import complaints, field, opened, press, wait
from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.operators import PASSWORD, Clicks, Operator, path_of

pytestmark = pytest.mark.timeout(240)

LIST = "/admin/media_assets/mediaasset/"
FRAMES, SPIN, LEVELS = 16, 6, 3
ROWS = f"""
import json, subprocess
from pathlib import Path
from django.contrib.auth.models import User
from PIL import Image
from media_assets import storage
from media_assets.cad.explode.plan import ExplodePlan, ExplodeStep
from media_assets.ingest import conversions, explosions
from media_assets.ingest.publish import publish
from media_assets.recipes.receipt import Receipt
from rendering.pictures import ffmpeg
from datetime import timedelta
from django.utils import timezone
from rendering.delivery import embedding
from rendering.models import ShareLink
from rendering.pictures.shapes import web_model
from tests import factories, solids
from tests.rendering.desk.test_embedding import write_spin
from tests.blender_scripts.glb import write_box

folder = Path(FOLDER)
User.objects.create_superuser("boss", password={PASSWORD!r})
parts = [{{"name": name, "part_key": f"/{{name}}", "colors": ["#b2b5b8"]}} for name in ("Lid", "Box")]
tree = {{"name": "Case", "part_key": "/", "children": parts}}
product = factories.product(number="B-1", cad_file=factories.cad_file(state="ready", tree=tree))
for number in ("B-2", "B-3"):
    factories.product(number=number)
common = {{"cad_file": product.cad_file, "product": product, "receipt": Receipt(device_used="CPU")}}
size = {{"width": 64, "height": 64}}
publish(factories.picture(folder / "a.png"), kind="still", format_name="png", recipe={{"a": 1}}, **common, **size)
publish(factories.picture(folder / "b.png", (1200, 1200)), kind="still", format_name="png", recipe={{"a": 2}},
        width=1200, height=1200, **common)
publish(write_box(folder / "box.glb", keys=("/Box",)), kind="gltf_geometry", format_name="glb",
        recipe=conversions.geometry_recipe(product.cad_file, "standard"), **common)
frames = b"".join(Image.new("RGB", (64, 64), (15 * n, 90, 240 - 15 * n)).tobytes() for n in range({FRAMES}))
codec = ["-c:v", "libvpx-vp9", "-g", "4", "-pix_fmt", "yuv420p", str(folder / "film.webm")]
raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "64x64", "-framerate", "8", "-i", "pipe:0"]
subprocess.run([ffmpeg.program(), "-v", "error", *raw, *codec], input=frames, check=True)
rows = publish(write_spin(folder, 4 * {LEVELS}, 64, (0.0, 30.0, 60.0)), kind="spin", format_name="jpg360",
               recipe={{"a": 7}}, poster=storage.store(folder / "poster.webp", "poster", ".webp").name,
               **common, **size)
(folder / "rows").write_text(str(rows.pk))
publish(write_spin(folder, {SPIN}, 64), kind="spin", format_name="jpg360", recipe={{"a": 3}},
        poster=storage.store(folder / "poster.webp", "poster", ".webp").name, **common, **size)
web = {{"materials": "rules", "format": "glb", "max_triangles": 2000, "compress": True}}
web_model.write(solids.write(folder / "solids.glb", 32), folder / "web.glb", web, {{"rules": [], "recipe_key": "k"}})
model = publish(folder / "web.glb", kind="model", format_name="glb", recipe={{"a": 4}}, **common)
plan = ExplodePlan((ExplodeStep(("right",), (60.0, 0.0, 0.0), 1, 1),)).to_json()
report = storage.store_bytes(json.dumps({{"explosion": plan}}).encode(), "reports", ".json")
publish(write_box(folder / "apart.glb", places=((0.0, 0.0, 0.0), (0.06, 0.0, 0.0)), keys=("left", "right")),
        kind="derived_geometry", format_name="glb", cad_file=product.cad_file, product=product,
        recipe=conversions.geometry_recipe(product.cad_file, "standard", explosion=explosions.explosion(None)),
        receipt=Receipt(report=report.name))
link = ShareLink.objects.create(asset=model, expires=timezone.now() + timedelta(days=1))
(folder / "embed").write_text(embedding.embedded(link)[0].address.partition("//")[2].partition("/")[2])
publish(folder / "film.webm", kind="turntable", format_name="webm", duration={FRAMES} / 8,
        recipe={{"view": {{"frames": {FRAMES}}}, "fps": 8}}, **common, **size)
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with two pictures, a film and geometry of one product; no worker runs."""
    folder: Path = tmp_path_factory.mktemp("assets")
    with installation(folder, server="") as it:
        it.shell(ROWS.replace("FOLDER", repr(str(folder))))
        yield it


@pytest.fixture(scope="module")
def browser(desk: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    """A browser whose user has logged in and is at the list of assets."""
    web = desk.start_web()
    with opened(tmp_path_factory.mktemp("profile")) as chrome:
        chrome.get(f"{web}/admin/login/?next={LIST}")
        field(chrome, "username").send_keys("boss")
        field(chrome, "password").send_keys(PASSWORD)
        press(chrome, "input[type=submit]")
        yield chrome


@pytest.fixture
def olga(desk: Installation, browser: webdriver.Chrome) -> Operator:
    return Operator(browser, browser.execute_script("return location.origin"), desk)


@pytest.fixture(scope="module")
def embed(desk: Installation, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of an embedded page."""
    return next(tmp_path_factory.getbasetemp().glob("assets*/embed")).read_text()


def asset_page(browser: webdriver.Chrome, kind: str) -> None:
    """Open the page of the first asset of this kind, by its card in the grid."""
    origin = browser.execute_script("return location.origin")
    browser.get(f"{origin}{LIST}?view=grid&kind__exact={kind}")
    press(browser, ".asset-tile")


def find(browser: webdriver.Chrome, selector: str) -> WebElement:
    return browser.find_element(By.CSS_SELECTOR, selector)


def video(browser: webdriver.Chrome, fact: str) -> Any:
    return browser.execute_script(f"return document.querySelector('video').{fact}")


def test_the_grid_shows_light_pictures_ticks_all_of_a_page_and_is_kept(browser: webdriver.Chrome) -> None:
    assert not browser.find_elements(By.CSS_SELECTOR, ".asset-card")
    browser.get(f"{browser.current_url.partition('?')[0]}?files=all")  # not deliverables alone
    press(browser, ".view-switch li:last-child a")
    assert len(browser.find_elements(By.CSS_SELECTOR, ".asset-card")) == 8
    widths = "return [...document.querySelectorAll('.asset-tile img')].map((one) => one.naturalWidth)"
    wait(browser, lambda: all(browser.execute_script(widths)))
    assert max(browser.execute_script(widths)) == 384, "the picture of 1200 px came small"
    find(browser, "#action-toggle").click()
    wait(browser, lambda: "8 of 8 selected" in find(browser, ".action-counter").text)
    browser.get(browser.current_url.partition("?")[0])
    assert browser.find_elements(By.CSS_SELECTOR, ".asset-card"), "the grid was remembered"
    find(browser, "#filter-product").send_keys("b-")
    option = "return document.querySelector('#filter-product-list option')?.value"
    wait(browser, lambda: browser.execute_script(option) == "B-1")
    assert not complaints(browser)


def test_the_address_of_a_file_is_copied(browser: webdriver.Chrome) -> None:
    asset_page(browser, "still")
    address = find(browser, "[data-copy] input").get_property("value")
    origin = browser.execute_script("return location.origin")
    granted = {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"], "origin": origin}
    browser.execute_cdp_cmd("Browser.grantPermissions", granted)
    for without in ("", "Object.defineProperty(navigator, 'clipboard', {value: undefined})"):
        browser.execute_script(
            f"document.querySelector('[data-copy] [role=status]').textContent = ''; {without}"
        )
        find(browser, "[data-copy] button").click()
        wait(browser, lambda: find(browser, "[data-copy] [role=status]").text == "Copied")
        elsewhere = find(browser, "#nav-filter")
        elsewhere.clear()
        elsewhere.send_keys(Keys.CONTROL, "v")
        assert elsewhere.get_property("value") == address
    assert str(address).startswith(f"{origin}/media/")
    assert not complaints(browser)


def test_a_film_is_turned_by_the_keys_by_a_hand_and_by_itself(browser: webdriver.Chrome) -> None:
    asset_page(browser, "turntable")
    slider = find(browser, "[data-player] input")
    wait(browser, slider.is_displayed)
    wait(browser, lambda: video(browser, "readyState") >= 1)
    slider.send_keys(Keys.ARROW_RIGHT * 3)
    middle_of_4 = 3.5 / FRAMES * video(browser, "duration")
    wait(browser, lambda: abs(video(browser, "currentTime") - middle_of_4) < 0.02)
    assert find(browser, "[data-player] output").text == f"4 of {FRAMES}, 68°"
    hand = ActionChains(browser).move_to_element(find(browser, "video")).click_and_hold()
    width = int(str(video(browser, "clientWidth")))
    hand.move_by_offset(width // 4, 0).release().perform()
    wait(browser, lambda: slider.get_property("value") == "8")
    assert video(browser, "paused"), "a hand that drags does not start it"
    button = find(browser, "[data-player] button")
    button.click()
    wait(browser, lambda: button.text == "Pause" and slider.get_property("value") != "8")
    button.click()
    wait(browser, lambda: video(browser, "paused") and button.text == "Play")
    assert not complaints(browser)


def test_geometry_is_shown_in_3_d(browser: webdriver.Chrome) -> None:
    asset_page(browser, "gltf_geometry")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[data-viewer][data-state=shown]"), 90)
    assert find(browser, "model-viewer").size["width"] > 300
    assert not complaints(browser)


PLACE_OF = """
const model = document.querySelector('model-viewer'), box = model.getBoundingClientRect();
for (let x = 4; x < box.width; x += 4) for (let y = 4; y < box.height; y += 4) {
  const hit = model.positionAndNormalFromPoint(box.left + x, box.top + y);
  if (hit && hit.position.x > arguments[0]) return [Math.round(x - box.width / 2), Math.round(y - box.height / 2)];
}
return null;
"""


def move(row: WebElement) -> list[float]:
    """What a row of an exploded view says, in mm."""
    found = [row.find_element(By.CSS_SELECTOR, f"[name$='-{axis}']") for axis in "xyz"]
    return [float(str(one.get_property("value"))) for one in found]


def test_a_part_of_an_exploded_view_is_chosen_by_a_click_and_moved_by_a_drag(
    browser: webdriver.Chrome,
) -> None:
    origin = browser.execute_script("return location.origin")
    browser.get(f"{origin}/admin/media_assets/product/?q=B-1")
    product = str(find(browser, "#result_list a[href*='/change/']").get_attribute("href"))
    browser.get(f"{product.partition('change/')[0]}exploded/")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[data-viewer][data-moves='1']"), 90)
    row, model = find(browser, ".exploded-moves tbody tr"), find(browser, "model-viewer")
    wait(browser, lambda: browser.execute_script(PLACE_OF, 0.065))
    x, y = browser.execute_script(PLACE_OF, 0.065)
    ActionChains(browser).move_to_element_with_offset(model, x, y).click().perform()
    assert row.get_attribute("class") == "is-chosen" and move(row) == [60, 0, 0]
    x, y = browser.execute_script(PLACE_OF, 0.065)
    hand = ActionChains(browser).move_to_element_with_offset(model, x, y).click_and_hold()
    hand.move_by_offset(20, 0).move_by_offset(20, 0).release().perform()
    assert move(row)[0] > 65 and move(row)[1:] == [0, 0]
    assert browser.execute_script(PLACE_OF, 0.085), "the part is where the number says"
    press(browser, ".submit-row input")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".messagelist .success"))
    assert move(find(browser, ".exploded-moves tbody tr"))[0] > 65
    assert not [one for one in complaints(browser) if "rAF timed out" not in one]  # a slow machine


def test_a_finish_for_one_part_takes_four_clicks(olga: Operator) -> None:
    olga.go(path_of(olga.desk, "media_assets.Product", "get(number='B-1')"))
    clicks = Clicks(olga)
    clicks.press(".field-materials .doors a[href$='/finishes/']")
    wait(olga.browser, lambda: olga.browser.find_elements(By.CSS_SELECTOR, "[data-painted='1']"), 90)
    clicks.click("model-viewer")
    wait(olga.browser, lambda: olga.text(".assign-said") == "Box")
    clicks.click(".assign-finishes label:has([value=brass])")
    assert olga.text(".assign-said") == "Box: Brass, not saved yet"
    clicks.press(".submit-row .default")
    assert clicks.count == 4 and "Box is Brass now." in olga.said()
    assert olga.browser.title.startswith("B-1"), "back on the product"
    assert "Brass" in olga.text(".field-materials") and "Lid" in olga.text(".field-materials")


def test_three_products_in_three_output_types_take_eight_clicks(olga: Operator) -> None:
    olga.go("/admin/")
    clicks = Clicks(olga)
    clicks.press(".desk-doors a[href$='/order/add/']")
    for number in ("B-1", "B-2", "B-3"):
        find(olga.browser, "#pick-q").send_keys(number)
        option = f"[role=option][data-number='{number}']"
        wait(olga.browser, lambda option=option: olga.browser.find_elements(By.CSS_SELECTOR, option))
        clicks.click(option)
    for nth in (1, 2, 3):
        clicks.click(f"#id_output_types > :nth-child({nth}) label")
    clicks.press(".submit-row .default")
    assert clicks.count == 8
    assert len(olga.browser.find_elements(By.CSS_SELECTOR, "table.lines tbody tr")) == 9


def test_a_spin_is_turned_by_the_keys_and_by_a_hand(browser: webdriver.Chrome) -> None:
    asset_page(browser, "spin")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[data-spin][data-state=shown]"))
    slider, picture = find(browser, "[data-spin] input"), find(browser, "[data-spin] img")
    slider.send_keys(Keys.ARROW_LEFT * 2)
    wait(browser, lambda: str(picture.get_property("src")).endswith(f"spin-00{SPIN - 1}.jpg"))
    hand = ActionChains(browser).move_to_element(picture).click_and_hold()
    hand.move_by_offset(int(str(picture.get_property("clientWidth"))) // 2 - 2, 0).release().perform()
    wait(browser, lambda: slider.get_property("value") == "2")
    button = find(browser, "[data-spin] button")
    button.click()
    wait(browser, lambda: slider.get_property("value") == "4")
    button.click()
    assert button.text == "Play" and not complaints(browser)


def test_a_spin_of_rows_is_moved_up_and_down_too(
    browser: webdriver.Chrome, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pk = next(tmp_path_factory.getbasetemp().glob("assets*/rows")).read_text()
    origin = browser.execute_script("return location.origin")
    browser.get(f"{origin}{LIST}{pk}/change/")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, f"[data-spin][data-rows='{LEVELS}']"))
    turn, height = browser.find_elements(By.CSS_SELECTOR, "[data-spin] input")
    picture = find(browser, "[data-spin] img")

    def shows(row: int, column: int) -> bool:
        values = [turn.get_property("value"), height.get_property("value")]
        end = f"spin-{row:02}-{column:02}.jpg"
        return values == [str(column), str(row)] and str(picture.get_property("src")).endswith(end)

    wait(browser, lambda: shows(2, 1), 10)
    turn.send_keys(Keys.ARROW_UP * 2, Keys.ARROW_LEFT)
    wait(browser, lambda: shows(3, 4), 10)
    assert height.get_attribute("aria-valuetext") == "60°"
    hand = ActionChains(browser).move_to_element(picture).click_and_hold()
    tall = int(str(picture.get_property("clientHeight")))
    hand.move_by_offset(0, 2 - tall // 2).release().perform()
    wait(browser, lambda: shows(2, 4), 10)
    height.send_keys(Keys.ARROW_RIGHT)
    wait(browser, lambda: shows(3, 4), 10)
    assert not complaints(browser)


def test_an_embedded_model_is_unpacked_without_webassembly(browser: webdriver.Chrome, embed: str) -> None:
    origin = browser.execute_script("return location.origin")
    browser.get(f"{origin}/{embed}")
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[data-model][data-state=shown]"), 90)
    assert (
        find(browser, "[data-ar=none]").is_displayed()
        and not find(browser, "[data-ar=android]").is_displayed()
    )
    assert not complaints(browser)


def test_an_order_is_chosen_by_keys_warns_before_it_is_left_and_asks_after_back(
    browser: webdriver.Chrome,
) -> None:
    origin = browser.execute_script("return location.origin")
    browser.get(f"{origin}/admin/rendering/order/add/")
    search = find(browser, "#pick-q")
    search.send_keys("b-")
    wait(browser, lambda: search.get_attribute("aria-activedescendant"))
    search.send_keys(Keys.ENTER)
    assert browser.execute_script("return document.getElementById('id_products').value") == "B-1"
    leaving = "const event = new Event('beforeunload', {cancelable: true}); dispatchEvent(event); "
    assert browser.execute_script(f"{leaving} return event.defaultPrevented")
    find(browser, "#id_output_types input").click()
    press(browser, ".submit-row .default")
    placed = find(browser, "h1").text
    browser.back()
    wait(browser, lambda: "1 product chosen" in find(browser, ".pick-count").text)
    press(browser, ".submit-row .default")
    assert f"Already ordered as {placed}" in find(browser, "#already-ordered").text
    assert not complaints(browser)
