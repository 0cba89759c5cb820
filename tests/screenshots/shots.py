"""The pictures of the guide: where each is taken, and what is done on the page before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

from tests.end_to_end.chrome import wait
from tests.end_to_end.operators import Operator, path_of
from tests.paths import SAMPLE
from tests.screenshots import scene
from tests.screenshots.scene import BEARING, CAGE, HUB

Where = str | Callable[[Operator], str]


@dataclass(frozen=True)
class Shot:
    """One picture of `width` CSS px and at most `height`, or of what `only` names on the page."""

    where: Where
    act: Callable[[Operator], None] = field(default=lambda olga: None)
    height: int = 900
    width: int = 1120
    theme: str = "light"
    only: str = ""
    has_sidebar: bool = False


def one(model: str, query: str) -> Where:
    return lambda olga: path_of(olga.desk, model, query)


def asset(query: str) -> Where:
    return one("media_assets.MediaAsset", f"filter({query}).latest('id')")


def zip_page(olga: Operator) -> str:
    order = path_of(olga.desk, "rendering.Order", "filter(note='Catalog, page 12').get()")
    return order.replace("change", "zip")


def share_page(olga: Operator) -> str:
    return olga.desk.shell(scene.SHARE)


def element(olga: Operator, selector: str) -> WebElement:
    return wait(olga.browser, lambda: olga.browser.find_element(By.CSS_SELECTOR, selector), 120)


def upload(olga: Operator) -> None:
    """Give the page four files: the sample again, the sample as AP242, a part cut short, and a text."""
    folder = olga.desk.folder / "uploads"
    folder.mkdir(exist_ok=True)
    files = {
        "bearing.step": SAMPLE.read_bytes(),
        "bearing_ap242.step": SAMPLE.with_name("tapered_roller_bearing_ap242.step").read_bytes(),
        "hub_rev_b.step": (olga.desk.folder / "hub-5x80.step").read_bytes()[:15_000],
        "order list.txt": b"Rings, rollers, grease\n",
    }
    for name, data in files.items():
        (folder / name).write_bytes(data)
    element(olga, "[name=cad_files]").send_keys("\n".join(str(folder / name) for name in files))
    element(olga, ".submit-row input[type=submit]").click()
    wait(olga.browser, lambda: "2 of 4 done, 2 with" in olga.text("#uploads-said"), 120)
    wait(olga.browser, lambda: not olga.browser.find_elements(By.CSS_SELECTOR, "#uploads [data-live]"), 300)


def preview_table(olga: Operator) -> None:
    good = (
        f"{BEARING};catalog",
        f"{HUB};poster",
        f"{BEARING};datasheet",
        f"{CAGE};draft|datasheet",
    )
    bad = ("TRB-30X73;catalog", f"{HUB};posters")
    rows = ("product;output_type", *good[:2], *bad, *good[2:])
    element(olga, "[name=text]").send_keys("\n".join(rows))
    olga.press(".submit-row input[type=submit]")


def tick_some(olga: Operator) -> None:
    for cell in olga.browser.find_elements(By.CSS_SELECTOR, ".cell-missing input")[:3]:
        cell.click()


def turn(olga: Operator) -> None:
    """Open the 3-D viewer and wait until the part is drawn."""
    element(olga, "[data-viewer] button:not([hidden])").click()
    element(olga, "[data-viewer][data-state=shown]")


def test_render(olga: Operator) -> None:
    element(olga, "[data-trial]").click()
    element(olga, ".trial-result img")


def see_progress(olga: Operator) -> None:
    """Wait until the running job shows its first coarse picture."""
    element(olga, ".live-picture")


A_BEARING = f"product__number={BEARING!r}"
BEARING_FILE = one("media_assets.CadFile", f"get(products__number={BEARING!r})")

# Taken in this order: a long render runs from the first of BUSY on.
QUIET = {
    "cad_file": Shot(BEARING_FILE, height=1250),
    "viewer": Shot(BEARING_FILE, turn, 620, only=".field-geometry"),
    "order_table": Shot("/admin/rendering/order/table/", preview_table, 820),
    "failed_job": Shot(one("rendering.Job", "filter(state='failed', kind='render').latest('id')")),
    "assets": Shot("/admin/media_assets/mediaasset/?view=grid&kind__exact=still", height=1000),
    "asset": Shot(asset(f"kind='still', mime_type='image/webp', {A_BEARING}"), height=1250),
    "compare": Shot(
        asset(f"kind='still', recipe__view__look__lighting='dark', {A_BEARING}"), only=".field-before"
    ),
    "turntable": Shot(asset("kind='turntable'"), height=800),
    "material_rules": Shot("/admin/rendering/materialrule/", height=800),
    "output_type": Shot(one("rendering.OutputType", "get(slug='catalog')"), test_render, only="#trial"),
    "workflow": Shot(one("rendering.Workflow", "earliest('id')")),
    "download": Shot(zip_page, height=800),
    "share": Shot(share_page),
    "reports": Shot("/admin/reports/", height=1100),
    "upload": Shot("/admin/media_assets/cadfile/add/", upload, 1000, only="#uploads"),
}
BUSY = {
    "desk": Shot("/admin/", height=1000, width=1280, has_sidebar=True),
    "desk_dark": Shot("/admin/", height=1000, width=1280, theme="dark", has_sidebar=True),
    "matrix": Shot("/admin/rendering/order/deliverables/", tick_some),
    "job": Shot(one("rendering.Job", "filter(state='running').latest('id')"), see_progress, 1000),
    "order": Shot(one("rendering.Order", "latest('id')")),
    "desk_phone": Shot("/admin/", height=844, width=390, theme="dark"),
}
SHOTS: dict[str, Shot] = QUIET | BUSY
