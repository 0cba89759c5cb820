"""A label placed by a click in a real browser: on a product that does not stand as its file has it. Nothing renders."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from blender_scripts.labels import SIDES
from tests.end_to_end.chrome import complaints, opened, press, wait
from tests.end_to_end.installation import Installation, installation
from tests.end_to_end.operators import PASSWORD, Operator, path_of

pytestmark = pytest.mark.timeout(240)

KEY = "/Box"
ROWS = f"""
from pathlib import Path
from django.contrib.auth.models import Group, User
from PIL import Image
from media_assets.ingest import conversions
from media_assets.ingest.publish import publish
from media_assets.recipes.receipt import Receipt
from rendering.catalog.images.receiving import receive
from rendering.catalog.images.textures import TEXTURE
from tests import factories
from tests.blender_scripts.glb import write_box

folder = Path(FOLDER)
olga = User.objects.create_user("olga", password={PASSWORD!r}, is_staff=True)
olga.groups.add(Group.objects.get(name="Operator"))
parts = [{{"name": name, "part_key": f"/{{name}}", "colors": ["#b2b5b8"]}} for name in ("Box", "Lid")]
tree = {{"name": "Case", "part_key": "/", "children": parts}}
flat = [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
cad = factories.cad_file(state="ready", tree=tree, orientations={{"flat": flat}})
product = factories.product(number="B-1", cad_file=cad, orientation="flat", turn="x-zy")
box = write_box(folder / "box.glb", size=(0.06, 0.04, 0.02), places=((0.1, 0.2, 0.3),), keys=({KEY!r},))
publish(box, kind="gltf_geometry", format_name="glb", recipe=conversions.geometry_recipe(cad, "standard"),
        cad_file=cad, product=product, receipt=Receipt(device_used="CPU"))
Image.new("RGBA", (64, 32), (200, 0, 0, 255)).save(folder / "red.png")
receive(TEXTURE, folder / "red.png", "red.png", name="Red")
"""
MIDDLE = (0.22, 0.31, 0.13)
"""Of the box, in meters, as the product stands: right, back and up are the file's Z, -Y and X."""

# A place (px from the middle of the view) well inside of this side of the product, and what is hit there, in its axes.
# The viewer says it in those of the GLB, whose X, Y and Z are the file's X, Z and -Y.
SPOT = """
const model = document.querySelector('model-viewer'), box = model.getBoundingClientRect();
const found = [];
function seen(x, y, normal) {
  const hit = model.positionAndNormalFromPoint(box.left + x, box.top + y);
  const to = (one) => [one.y, one.z, one.x];
  const isThere = hit && to(hit.normal).reduce((sum, one, at) => sum + one * normal[at], 0) > 0.9;
  return isThere ? to(hit.position) : null;
}
for (let x = 6; x < box.width; x += 6) for (let y = 6; y < box.height; y += 6) {
  const place = seen(x, y, arguments[0]);
  const around = [[5, 0], [-5, 0], [0, 5], [0, -5]].map(([over, up]) => [x + over, y + up]);
  if (!place || !around.every((one) => seen(...one, arguments[0]))) continue;
  found.push([Math.round(x - box.width / 2), Math.round(y - box.height / 2), place]);
}
return found.length ? found[Math.floor(found.length / 3)] : null;
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    folder: Path = tmp_path_factory.mktemp("labels")
    with installation(folder, server="") as it:
        it.shell(ROWS.replace("FOLDER", repr(str(folder))))
        yield it


@pytest.fixture(scope="module")
def browser(desk: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with opened(tmp_path_factory.mktemp("profile")) as chrome:
        yield chrome


@pytest.fixture(scope="module")
def web(desk: Installation) -> str:
    return desk.start_web()


@pytest.fixture
def olga(desk: Installation, browser: webdriver.Chrome, web: str) -> Operator:
    """An operator at the product, whose 3-D view is there."""
    operator = Operator(browser, web, desk)
    browser.delete_all_cookies()
    browser.get(web + "/admin/login/")
    calm(operator)
    operator.log_in("olga")
    operator.go(path_of(desk, "media_assets.Product", "get(number='B-1')"))
    return operator


def calm(olga: Operator) -> None:
    """Assert that no page had anything to complain about."""
    assert not [one for one in complaints(olga.browser) if "rAF timed out" not in one]  # a slow machine


def painted(olga: Operator) -> None:
    wait(olga.browser, lambda: olga.browser.find_elements(By.CSS_SELECTOR, "[data-painted='1']"), 90)


def labelled(olga: Operator) -> None:
    """Wait until the view shows where the label will lie."""
    wait(
        olga.browser,
        lambda: olga.browser.execute_script(
            "return Number(document.querySelector('[data-sides]').dataset.labelled)"
        ),
    )


def click_on(olga: Operator, side: str) -> dict[str, Any]:
    """Click where this side of the product is seen, and return what a label there must say."""
    normal, up = SIDES[side]
    model = olga.browser.find_element(By.CSS_SELECTOR, "model-viewer")
    olga.browser.execute_script("arguments[0].scrollIntoView({block: 'center'})", model)

    def spot() -> list[Any] | None:
        """None before the camera stands still."""
        found: list[Any] | None = olga.browser.execute_script(SPOT, list(normal))
        return found if found == olga.browser.execute_script(SPOT, list(normal)) else None

    x, y, place = wait(olga.browser, lambda: spot() or [])
    ActionChains(olga.browser).move_to_element_with_offset(model, x, y).click().perform()
    right = np.cross(up, normal)
    mm = [float(np.dot(np.subtract(place, MIDDLE), axis)) * 1000 for axis in (right, up)]
    return {
        "part_key": KEY,
        "side": side,
        "x": pytest.approx(mm[0], abs=0.6),
        "y": pytest.approx(mm[1], abs=0.6),
    }


def placed(olga: Operator) -> dict[str, Any]:
    """What the form says of the place."""

    def value(name: str) -> str:
        return str(olga.browser.find_element(By.ID, f"id_{name}").get_property("value"))

    return {
        "part_key": value("part_key"),
        "side": value("side"),
        "x": float(value("x")),
        "y": float(value("y")),
    }


def choose(olga: Operator, name: str, pk: str, words: str) -> None:
    """Choose a row in a field that searches, as its list of results does."""
    olga.browser.execute_script(
        "const chosen = new Option(arguments[2], arguments[1], true, true);"
        "django.jQuery(`#id_${arguments[0]}`).append(chosen).trigger('change')",
        name,
        pk,
        words,
    )


def test_a_click_on_a_part_leads_to_a_label_whose_middle_is_there(olga: Operator, desk: Installation) -> None:
    """From the product to its finishes, from there to the label; on its form another click moves it."""
    olga.browser.find_element(By.CSS_SELECTOR, ".viewer-stage button").click()
    painted(olga)
    first = click_on(olga, "front")
    wait(olga.browser, lambda: "/finishes/?part=" in olga.browser.current_url)
    painted(olga)
    press(olga.browser, "[data-label-here]")
    assert placed(olga) == first
    painted(olga)
    labelled(olga)
    second = click_on(olga, "right")
    wait(olga.browser, lambda: placed(olga) == second)
    olga.browser.find_element(By.ID, "id_mm").send_keys("8")
    choose(
        olga,
        "picture",
        desk.shell("from rendering.models import Texture; print(Texture.objects.get().pk)"),
        "Red",
    )

    def red() -> int:
        model = olga.browser.find_element(By.CSS_SELECTOR, "model-viewer")
        pixels = np.asarray(Image.open(io.BytesIO(model.screenshot_as_png)).convert("RGB"), np.int16)
        return int((pixels[:, :, 0] > 2 * pixels[:, :, 1] + 40).sum())

    wait(olga.browser, lambda: red() > 100)
    assert olga.text(".label-said") == ""
    olga.browser.find_element(By.ID, "id_x").send_keys(Keys.CONTROL, "a")
    olga.browser.find_element(By.ID, "id_x").send_keys("90")
    wait(olga.browser, lambda: "beside the part" in olga.text(".label-said"))
    wait(olga.browser, lambda: red() == 0)
    second = click_on(olga, "right")
    wait(olga.browser, lambda: placed(olga) == second)
    press(olga.browser, ".submit-row .default")
    calm(olga)
    row = desk.shell(
        "from rendering.models import Label; row = Label.objects.get(); print(row.side, row.x, row.y)"
    )
    side, x, y = row.split()
    assert {"part_key": KEY, "side": side, "x": float(x), "y": float(y)} == second


def test_by_the_keys_a_label_goes_to_the_middle_of_the_part(olga: Operator) -> None:
    press(olga.browser, ".field-materials .doors a[href$='/finishes/']")
    here = olga.browser.find_element(By.CSS_SELECTOR, "[data-label-here]")
    assert not here.is_displayed()
    olga.browser.find_element(By.CSS_SELECTOR, f"[name=part][value='{KEY}']").send_keys(Keys.SPACE)
    here.send_keys(Keys.ENTER)
    wait(olga.browser, lambda: "/label/add/" in olga.browser.current_url)
    calm(olga)
    assert placed(olga) == {"part_key": KEY, "side": "front", "x": 0.0, "y": 0.0}
    painted(olga)
    labelled(olga)
    calm(olga)


def test_the_form_shows_the_product_once_it_is_chosen(olga: Operator) -> None:
    product = olga.browser.current_url.split("/product/")[1].split("/")[0]
    olga.go("/admin/rendering/label/add/")
    assert "Choose a product" in olga.text("[data-label-place]")
    choose(olga, "product", product, "B-1")
    painted(olga)
    expected = click_on(olga, "top")
    wait(olga.browser, lambda: placed(olga) == expected)
    calm(olga)
