"""The admin for people who see it badly, or use no mouse: axe-core finds nothing serious, pages do not move while they
load, and keys are enough."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from rendering.delivery import shares
from rendering.models import OutputType, ShareLink, Workflow
from tests import factories
from tests.end_to_end import axe, shift, zoom
from tests.end_to_end.chrome import complaints, field, opened, wait
from tests.end_to_end.keyboard import Keyboard
from tests.rendering.desk.conftest import World, make_world

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]

WIDE, NARROW = (1400, 1000), (390, 844)


def change(model: str, pk: int) -> str:
    return reverse(f"admin:{model}_change", args=[pk])


PAGES: dict[str, Callable[[World], str]] = {
    "desk": lambda world: reverse("admin:index"),
    "matrix": lambda world: reverse("admin:rendering_matrix"),
    "jobs": lambda world: reverse("admin:rendering_job_changelist"),
    "running job": lambda world: change("rendering_job", world.running.pk),
    "failed job": lambda world: change("rendering_job", world.failed.pk),
    "orders": lambda world: reverse("admin:rendering_order_changelist"),
    "order": lambda world: change("rendering_order", world.order.pk),
    "assets": lambda world: reverse("admin:media_assets_mediaasset_changelist"),
    "asset grid": lambda world: reverse("admin:media_assets_mediaasset_changelist", query={"view": "grid"}),
    "asset": lambda world: change("media_assets_mediaasset", world.asset.pk),
    "CAD file": lambda world: change("media_assets_cadfile", world.cad_file.pk),
    "failed CAD file": lambda world: change("media_assets_cadfile", world.failed_cad_file.pk),
    "products": lambda world: reverse("admin:media_assets_product_changelist"),
    "product": lambda world: change("media_assets_product", world.product.pk),
    "archived products": lambda world: reverse(
        "admin:media_assets_product_changelist", query={"archived": "yes"}
    ),
    "deletion": lambda world: reverse("admin:media_assets_product_delete", args=[world.product.pk]),
    "upload": lambda world: reverse("admin:media_assets_cadfile_add"),
    "order form": lambda world: reverse("admin:rendering_order_add"),
    "import": lambda world: reverse("admin:rendering_order_import"),
    "download": lambda world: reverse("admin:rendering_order_zip", args=[world.order.pk]),
    "output type": lambda world: change("rendering_outputtype", OutputType.objects.get(slug="draft").pk),
    "workflow": lambda world: change("rendering_workflow", Workflow.objects.earliest("id").pk),
    "material rules": lambda world: reverse("admin:rendering_materialrule_changelist"),
    "label": lambda world: reverse("admin:rendering_label_add", query={"product": world.product.pk}),
    "reports": lambda world: reverse("admin:reports"),
    "storage": lambda world: reverse("admin:storage"),
    "my e-mails": lambda world: reverse("admin:my_news"),
    "what people did": lambda world: reverse("admin:rendering_historyentry_changelist"),
    "history": lambda world: reverse("admin:media_assets_product_history", args=[world.product.pk]),
    "settings": lambda world: reverse("admin:gpu_systemsettings_changelist"),
    "share page": lambda world: shares.path(ShareLink.objects.get()),
}


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[webdriver.Chrome]:
    with opened(tmp_path_factory.mktemp("profile")) as chrome:
        shift.watch(chrome)
        yield chrome


@pytest.fixture
def world(live_server: Any, tmp_path: Path) -> World:
    return make_world(tmp_path)


def enter(browser: webdriver.Chrome, live_server: Any) -> None:
    """Log in without typing."""
    client = Client()
    client.force_login(factories.user(is_staff=True, is_superuser=True))
    browser.get(f"{live_server.url}/admin/login/")
    name = settings.SESSION_COOKIE_NAME
    browser.add_cookie({"name": name, "value": client.cookies[name].value})


def look(browser: webdriver.Chrome, size: tuple[int, int], theme: str) -> None:
    width, height = size
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)
    media = [{"name": "prefers-color-scheme", "value": theme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": media})


def speak(browser: webdriver.Chrome, language: str, latency: int = 30) -> None:
    """Ask for pages in *language*, over a network so slow (ms) that a page is drawn before its scripts have come."""
    browser.execute_cdp_cmd("Network.enable", {})
    browser.execute_cdp_cmd("Network.setExtraHTTPHeaders", {"headers": {"Accept-Language": language}})
    network = {"offline": False, "latency": latency, "downloadThroughput": -1, "uploadThroughput": -1}
    browser.execute_cdp_cmd("Network.emulateNetworkConditions", network)


# How each language is looked at. Roles and colors are those of all languages; German words are the widest, and Chinese
# links the narrowest on a phone.
LOOKS = {"en": (WIDE, "light"), "de": (WIDE, "dark"), "zh-hans": (NARROW, "dark")}


def troubles(browser: webdriver.Chrome, language: str) -> Iterator[str]:
    """What is wrong with the page that has just been loaded."""
    if shift.total(moved := shift.shifts(browser)) > shift.MOST:
        browser.refresh()  # a page that moves does so again; a busy machine may once have drawn half of one
        if shift.total(again := shift.shifts(browser)) > shift.MOST:
            yield f"it moves while it loads: {moved}, {again}"
    if browser.execute_script("return document.documentElement.lang") != language:
        yield "it is in another language"
    yield from complaints(browser)
    axe.load(browser)
    yield from axe.violations(browser, fingers=LOOKS[language][0] == NARROW)
    look(browser, NARROW, "dark")
    if zoom.wider_than_its_window(browser):
        yield "it is wider than a phone"
    look(browser, zoom.HALF, "light")
    yield from (f"at 200 %: {one}" for one in zoom.lost(browser))
    if LOOKS[language][0] == WIDE:
        look(browser, WIDE, "light")
        zoom.larger_letters(browser)
        yield from (f"with letters of 200 %: {one}" for one in zoom.lost(browser))


@pytest.mark.parametrize("language", [code for code, _ in settings.LANGUAGES])
def test_no_page_has_a_serious_barrier_or_moves(
    language: str, live_server: Any, world: World, browser: webdriver.Chrome
) -> None:
    enter(browser, live_server)
    speak(browser, language)
    found: list[str] = []
    for name, address in PAGES.items():
        look(browser, *LOOKS[language])
        browser.get(live_server.url + address(world))
        assert wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "main h1, #content h1")), name
        found += [f"{name}: {trouble}" for trouble in troubles(browser, language)]
    speak(browser, "en", latency=0)
    assert not found, "\n".join(found)


def said(browser: webdriver.Chrome) -> str:
    return " ".join(one.text for one in browser.find_elements(By.CSS_SELECTOR, ".messagelist li"))


def test_the_main_path_needs_no_mouse(live_server: Any, world: World, browser: webdriver.Chrome) -> None:
    factories.user(is_staff=True, is_superuser=True, password="kegel-rollen-lager")
    name = User.objects.latest("id").username
    browser.delete_all_cookies()
    look(browser, WIDE, "light")
    keys = Keyboard(browser)

    browser.get(f"{live_server.url}/admin/login/")
    keys.type(name, Keys.TAB, "kegel-rollen-lager")
    keys.open()
    assert browser.title.startswith("Desk")
    assert keys.walk() > 20, "every link and button of the desk, and no trap"

    keys.tab_to(f"a[href='{reverse('admin:rendering_matrix')}']")
    keys.open()
    product = f"{world.product.number}, {OutputType.objects.get(slug='still-1024')}"
    keys.tab_to(f"input[name=cell][aria-label='{product}']")
    keys.type(Keys.SPACE)
    keys.tab_to("button[value=order]", back=True)
    keys.open()
    assert "1 picture" in said(browser)

    browser.get(live_server.url + reverse("admin:media_assets_cadfile_add"))
    keys.tab_to("input[type=file]")
    keys.tab_to(".submit-row input[type=submit]")
    keys.type(Keys.ENTER)
    assert (
        wait(browser, lambda: browser.find_element(By.ID, "uploads-said").text)
        == "Choose at least one CAD file."
    )
    assert browser.switch_to.active_element == field(browser, "cad_files")

    browser.get(live_server.url + reverse("admin:rendering_order_add"))
    keys.tab_to("[role=combobox]")
    keys.type(world.product.number)
    wait(browser, lambda: browser.find_elements(By.CSS_SELECTOR, "[role=option]"))
    keys.type(Keys.ARROW_DOWN)
    keys.type(Keys.ENTER)
    assert wait(browser, lambda: field(browser, "products").get_property("value")) == world.product.number
    keys.tab_to("input[name=output_types]")
    keys.type(Keys.SPACE)
    keys.tab_to(".submit-row input[type=submit]")
    keys.open()
    assert "/admin/rendering/order/" in browser.current_url and not browser.find_elements(
        By.CLASS_NAME, "errorlist"
    )

    browser.get(live_server.url + change("rendering_job", world.queued.pk))
    keys.tab_to("#tool-cancel button")
    keys.open()
    world.queued.refresh_from_db()
    assert world.queued.state == "canceled" and "canceled" in said(browser)

    browser.get(live_server.url + change("media_assets_mediaasset", world.asset.pk))
    assert keys.walk() > 15
    assert not complaints(browser)
