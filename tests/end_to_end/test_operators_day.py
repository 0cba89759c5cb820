"""An operator's day in a real browser, with real workers and Blender; and what goes wrong while files are uploaded."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.end_to_end.chrome import complaints, field, opened, wait
from tests.end_to_end.installation import SLOW, Installation
from tests.end_to_end.operators import PASSWORD, Clicks, Operator, path_of, pictures
from tests.end_to_end.uploads import TETRAHEDRON, UPLOAD, Row, five_files, network, rows, send_sample
from tests.paths import SAMPLE

pytestmark = pytest.mark.timeout(400)

PEOPLE = f"""
from django.contrib.auth.models import Group, User
for name, role in (("olga", "Operator"), ("vera", "Viewer")):
    User.objects.create_user(name, password={PASSWORD!r}, is_staff=True).groups.add(Group.objects.get(name=role))
"""


@pytest.fixture(scope="module")
def web(desk: Installation) -> str:
    desk.shell(PEOPLE)
    return desk.start_web()


@pytest.fixture(scope="module")
def olga(desk: Installation, web: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operator]:
    """An operator who has logged in."""
    with opened(tmp_path_factory.mktemp("profile")) as chrome:
        olga = Operator(chrome, web, desk)
        olga.log_in("olga")
        yield olga


@pytest.fixture
def browser(olga: Operator, uploaded: dict[str, Row]) -> webdriver.Chrome:
    return olga.browser


@pytest.fixture(scope="module")
def uploaded(desk: Installation, olga: Operator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Row]:
    """The rows of five files, given to the upload page at once, when the last picture has come."""
    browser = olga.browser
    olga.go(UPLOAD)
    field(browser, "unit").send_keys("Millimeter")
    field(browser, "cad_files").send_keys("\n".join(map(str, five_files(tmp_path_factory.mktemp("upload")))))
    browser.find_element(By.CSS_SELECTOR, ".submit-row input[type=submit]").click()
    wait(browser, lambda: rows(browser) and not browser.find_elements(By.CSS_SELECTOR, "[data-live]"), 120)
    desk.wait_until(lambda: not desk.jobs(state="queued") and not desk.jobs(state="running"), "all done")
    loaded = "return [...document.querySelectorAll('#uploads img')].every((one) => one.complete)"
    assert wait(browser, lambda: browser.execute_script(loaded))
    return {row.name: row for row in rows(browser)}


def test_each_of_five_files_has_a_row_that_tells_the_truth(
    uploaded: dict[str, Row], browser: webdriver.Chrome
) -> None:
    good, known = uploaded["tapered_roller_bearing.step"], uploaded["again.step"]
    assert "uploaded as product tapered_roller_bearing" in good.said
    assert "already exists: it is the CAD file of product tapered_roller_bearing" in known.said
    assert (good.badge, good.picture, known.badge) == ("Ready", 64, "Ready"), "converted and pictured, live"
    assert "was refused: This is not a CAD file" in uploaded["Einkaufsliste.txt"].said
    assert uploaded["Einkaufsliste.txt"].badge == ""
    assert "ends too early" in uploaded["half.step"].said and uploaded["half.step"].badge == "Failed"
    assert uploaded["<b>tetra.stl"].badge == "Ready"
    said = browser.find_element(By.ID, "uploads-said")
    assert (said.text, said.get_attribute("role")) == ("3 of 5 done, 2 with a problem", "status")
    again = browser.find_elements(By.CSS_SELECTOR, "[data-do=again]")
    assert not any(button.is_displayed() for button in again), "the same file would be refused again"
    assert not complaints(browser)


def test_a_file_on_its_way_shows_its_progress_and_keeps_the_page_from_being_left(
    browser: webdriver.Chrome, web: str
) -> None:
    send_sample(browser, web, upload_bytes=100_000)
    bar = browser.find_element(By.CSS_SELECTOR, "#uploads progress")
    assert bar.accessible_name == "Upload of tapered_roller_bearing.step"
    assert wait(browser, lambda: 0 < float(str(bar.get_property("value"))) < 1)
    leave = "return dispatchEvent(new Event('beforeunload', { cancelable: true }))"
    assert not browser.execute_script(leave), "leaving the page now asks first"
    network(browser)
    assert "already exists" in wait(browser, lambda: rows(browser))[0].said
    assert browser.execute_script(leave)
    assert not complaints(browser)


def test_a_file_that_could_not_be_sent_says_why_and_can_be_sent_again(
    browser: webdriver.Chrome, web: str
) -> None:
    try:
        send_sample(browser, web, is_off=True)
        assert "The connection was lost" in wait(browser, lambda: rows(browser))[0].said
    finally:
        network(browser)
    browser.find_element(By.CSS_SELECTOR, "[data-do=again]").click()
    wait(browser, lambda: any("already exists" in row.said for row in rows(browser)))
    browser.get_log("browser")  # the browser's own word on the broken connection


def test_without_the_script_the_form_uploads_and_answers_as_before(
    browser: webdriver.Chrome, web: str
) -> None:
    try:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": True})
        browser.get(f"{web}{UPLOAD}")
        field(browser, "cad_files").send_keys(str(SAMPLE))
        browser.find_element(By.CSS_SELECTOR, ".submit-row input[type=submit]").click()
        said = wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, ".messagelist li"))
        assert "already exists" in said[0].text
    finally:
        browser.execute_cdp_cmd("Emulation.setScriptExecutionDisabled", {"value": False})


BEARING, TETRA = "tapered_roller_bearing", "_b_tetra"
TABLE = f"product;output_type\n{BEARING};draft\nB-404;draft\n{TETRA};draft\n{TETRA};poster\n"
SPOIL = """
from pathlib import Path
from media_assets.models import MediaAsset
path = Path(MediaAsset.objects.get(kind='gltf_geometry', cad_file__format='stl').file.path)
away = path.with_suffix('.away')
if away.exists():
    away.replace(path)
else:
    path.rename(away)
    path.write_bytes(b'glTF, but none of ours')
"""


def test_an_operators_day(
    desk: Installation, olga: Operator, uploaded: dict[str, Row], tmp_path: Path
) -> None:
    desk.make_tiny("slow", **{**SLOW, "width": 512, "height": 512, "samples": 16_000, "kind": "still"})
    slow = order_what_is_ticked(olga, f"{BEARING}, slow")
    order = order_from_a_table(olga, tmp_path)
    desk.shell(SPOIL)  # a geometry is damaged for a while
    cancel(olga, slow)
    failed = see_what_failed(olga, order)
    desk.shell(SPOIL)
    retry(olga, failed)
    olga.go(order)
    assert sorted(sum_up(olga)) == ["draft Done", "draft Done"]
    look_at_the_matrix(olga)
    look_in_3d(olga)
    take_a_picture_and_all_of_them(olga, order, tmp_path)
    refuse_the_viewer(olga, order)


def order_what_is_ticked(olga: Operator, cell: str) -> str:
    """Order one cell of the matrix and return the address of its job once it samples."""
    olga.go("/admin/")
    olga.press("#nav-sidebar a[href*=deliverables]")
    olga.tick(cell)
    olga.press("button[value=order]")
    assert "1 picture" in olga.said()
    desk = olga.desk
    (job,) = desk.wait_until(
        lambda: [one for one in desk.jobs("render", "running") if one["device_used"]], "it samples"
    )
    return f"/admin/rendering/job/{job['id']}/change/"


def order_from_a_table(olga: Operator, folder: Path) -> str:
    """Upload a table with two bad rows, order the good ones and return the address of the order."""
    table = folder / "order.csv"
    table.write_text(TABLE)
    olga.go("/admin/rendering/order/")
    olga.press("a[href$='/table/']")
    field(olga.browser, "file").send_keys(str(table))
    olga.press(".submit-row input[type=submit]")
    bad = [row.text for row in olga.browser.find_elements(By.CSS_SELECTOR, "#bad-rows + .scroll tbody tr")]
    assert ["3" in bad[0] and "B-404" in bad[0], "5" in bad[1] and "poster" in bad[1]] == [True, True], bad
    olga.press("input[name=_order]")
    assert "2 lines" in olga.said()
    return olga.browser.current_url.removeprefix(olga.web)


def cancel(olga: Operator, job: str) -> None:
    olga.go(job)
    assert olga.browser.find_elements(By.CSS_SELECTOR, "#content progress"), "it still runs"
    olga.press("#tool-cancel button")
    olga.sees("Canceled", ".job-head")


def see_what_failed(olga: Operator, order: str) -> str:
    """Wait until the order has one failed line, open its job and return its address."""
    olga.go(order)
    olga.sees("Blender can't take the geometry")
    wait(olga.browser, lambda: "draft Done" in sum_up(olga), 60)
    assert sorted(sum_up(olga)) == ["draft Done", "draft Failed"]
    failed = olga.browser.find_element(
        By.XPATH, "//table[contains(@class,'lines')]//tr[contains(.,'Failed')]"
    )
    olga.go(
        failed.find_elements(By.CSS_SELECTOR, "a[href*='/job/']")[-1]
        .get_attribute("href")
        .removeprefix(olga.web)
    )
    return olga.browser.current_url.removeprefix(olga.web)


def retry(olga: Operator, job: str) -> None:
    olga.go(job)
    olga.press("#tool-retry button")
    olga.sees("Succeeded", ".job-head")


def sum_up(olga: Operator) -> list[str]:
    """The output type and the state of each line that the order's page shows."""
    found: list[str] = olga.browser.execute_script(
        "return [...document.querySelectorAll('table.lines tbody tr')].map(row =>"
        " `${row.cells[2].textContent.trim()} ${row.cells[3].querySelector('.badge').textContent.trim()}`)"
    )
    return found


def look_at_the_matrix(olga: Operator) -> None:
    olga.go("/admin/rendering/order/deliverables/")
    cell = f"//td[.//input[@aria-label='{BEARING}, draft']]"
    assert "Current" in olga.browser.find_element(By.XPATH, cell).text


def look_in_3d(olga: Operator) -> None:
    olga.go(path_of(olga.desk, "media_assets.CadFile", "get(format='step', state='ready')"))
    wait(
        olga.browser,
        lambda: olga.browser.find_elements(By.CSS_SELECTOR, "[data-viewer] button:not([hidden])"),
    )
    olga.browser.find_element(By.CSS_SELECTOR, "[data-viewer] button").click()
    wait(
        olga.browser,
        lambda: olga.browser.find_elements(By.CSS_SELECTOR, "[data-viewer][data-state=shown]"),
        60,
    )
    there = "return document.activeElement.localName"
    wait(olga.browser, lambda: olga.browser.execute_script(there) == "model-viewer")
    olga.look()


def take_a_picture_and_all_of_them(olga: Operator, order: str, folder: Path) -> None:
    olga.go(path_of(olga.desk, "media_assets.MediaAsset", f"get(kind='still', product__number={BEARING!r})"))
    assert pictures(olga.browser)
    with Image.open(olga.download("#content a.button[download]", folder)) as picture:
        assert picture.size == (64, 64)
    olga.go(order)
    olga.press("a[href$='/zip/']")
    with zipfile.ZipFile(olga.download("input[name=_download]", folder)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
    assert len(names) == 2 and sum(BEARING in name for name in names) == 1, names


def refuse_the_viewer(olga: Operator, order: str) -> None:
    """Vera may look at everything and do nothing."""
    olga.press("#logout-form button")
    vera = olga
    vera.log_in("vera")
    assert pictures(vera.browser)
    vera.go(order)
    assert not vera.browser.find_elements(By.CSS_SELECTOR, "form[id^=tool-]")
    vera.browser.get(vera.web + UPLOAD)
    assert "Permission denied" in vera.text("h1")
    found = complaints(vera.browser)
    assert len(found) == 1 and "403" in found[0], found
    vera.press("a[href='/admin/']")
    vera.press("#logout-form button")
    olga.log_in("olga")


def made(folder: Path, name: str, size: int) -> Path:
    """Write a tetrahedron of this size (mm) that is no other file of the day."""
    path = folder / name
    path.write_text(TETRAHEDRON.replace("9", str(size)))
    return path


# What the day does not come past; all pages with made-up rows are opened by the tests of accessibility.
OTHERS = {
    "CAD files": "/admin/media_assets/cadfile/",
    "failed CAD file": ("media_assets.CadFile", "get(state='failed')"),
    "reading options": ("media_assets.CadFile", "filter(format='stl').earliest('pk')"),
    "product": ("media_assets.Product", f"get(number={BEARING!r})"),
    "assets": "/admin/media_assets/mediaasset/",
    "jobs": "/admin/rendering/job/",
    "output type": ("rendering.OutputType", "get(slug='draft')"),
}


def test_what_people_come_for_takes_few_clicks(
    desk: Installation, olga: Operator, uploaded: dict[str, Row], tmp_path: Path
) -> None:
    """The upload's file dialog counts as one click."""
    olga.go("/admin/")
    first = Clicks(olga)
    first.press(".desk-doors a[href$='/cadfile/add/']")
    field(olga.browser, "unit").send_keys("Millimeter")
    first.choose(made(tmp_path, "wedge.stl", 7))
    first.click(".submit-row input[type=submit]")
    wait(olga.browser, lambda: olga.browser.find_elements(By.CSS_SELECTOR, "#uploads img"), 120)
    assert first.count == 3, "the first picture of a new file"
    desk.wait_until(lambda: not desk.jobs(state="queued") and not desk.jobs(state="running"), "all done")

    olga.go(path_of(desk, "media_assets.Product", "get(number='wedge')"))
    revised = Clicks(olga)
    revised.press(".object-tools a[href*=revision_of]")
    field(olga.browser, "unit").send_keys("Millimeter")
    revised.choose(made(tmp_path, "wedge-b.stl", 8))
    revised.press(".submit-row input[type=submit]")
    assert revised.count == 3, "a new revision to current pictures"
    assert "Revision 2" in olga.text(".field-history") and "is the new revision" in olga.said()
    desk.wait_until(lambda: not desk.jobs(state="queued") and not desk.jobs(state="running"), "all done")
    olga.go(path_of(desk, "media_assets.Product", "get(number='wedge')"))
    assert olga.text(".field-revision .readonly").startswith("Current")

    olga.go("/admin/")
    failed = Clicks(olga)
    failed.press(".panel-failed a")
    assert failed.count == 1 and "ends too early" in olga.text(), "what failed today"


def test_the_search_and_the_keys_lead_to_the_work(olga: Operator, uploaded: dict[str, Row]) -> None:
    browser = olga.browser
    olga.go("/admin/media_assets/product/")
    browser.find_element(By.TAG_NAME, "body").send_keys("/")
    box = browser.find_element(By.ID, "search-q")
    assert browser.switch_to.active_element == box
    box.send_keys("roller_b")
    wait(browser, lambda: BEARING in browser.find_element(By.ID, "search-found").text)
    box.send_keys(Keys.ARROW_DOWN)
    assert browser.switch_to.active_element.text.startswith(BEARING)
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    assert not browser.find_element(By.ID, "search-found").is_displayed()
    browser.execute_script("document.activeElement.blur()")
    body = browser.find_element(By.TAG_NAME, "body")
    body.send_keys("?")
    wait(browser, lambda: browser.find_element(By.ID, "shortcuts").is_displayed())
    browser.switch_to.active_element.send_keys(Keys.ESCAPE)
    body.send_keys("g")
    body.send_keys("o")
    wait(browser, lambda: browser.current_url.endswith("/rendering/order/"))
    olga.look()
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": 390, "height": 800, "deviceScaleFactor": 1, "mobile": True},
    )
    try:
        olga.go("/admin/")
        browser.find_element(By.ID, "menu-button").click()
        assert browser.find_element(By.CSS_SELECTOR, "#nav-sidebar a[href*=deliverables]").is_displayed()
        assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_the_other_pages_open_without_a_complaint(olga: Operator, uploaded: dict[str, Row]) -> None:
    for name, where in OTHERS.items():
        path = where if isinstance(where, str) else path_of(olga.desk, *where)
        olga.go(path.replace("change", "reading") if name == "reading options" else path)


def test_an_inline_script_would_be_stopped(olga: Operator) -> None:
    olga.go("/admin/")
    olga.browser.execute_script(
        "const script = document.createElement('script'); script.textContent = 'window.broken = true';"
        "document.body.append(script)"
    )
    assert olga.browser.execute_script("return window.broken === undefined")
    assert any("script-src" in one for one in complaints(olga.browser)), "and this test would notice"
