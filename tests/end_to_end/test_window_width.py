"""A small laptop, 1280 by 900 px, and a phone, in German, whose words are the widest: nothing is cut off or covered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from selenium import webdriver
from selenium.webdriver.common.by import By

from media_assets.models import CadFile, Product
from rendering.models import Webhook
from rendering.orders import spare_parts
from tests.end_to_end.chrome import opened
from tests.end_to_end.test_accessibility import change, enter, look, speak
from tests.rendering.desk.conftest import make_world
from tests.rendering.desk.test_assign import part, tree

pytestmark = [
    pytest.mark.timeout(300),
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
]
LAPTOP, PHONE = (1280, 900), (390, 844)
LISTS = (
    *("media_assets_product", "media_assets_cadfile", "media_assets_mediaasset"),
    *(
        "rendering_order",
        "rendering_job",
        "rendering_outputtype",
        "rendering_materialrule",
        "rendering_sharelink",
    ),
)
PAGES = ("index", "reports", "storage", "rendering_materialrule_decisions")
SCROLLED = """
for (const closed of document.querySelectorAll("details")) closed.open = true;
return [...document.querySelectorAll("#changelist .results, .scroll, .parts-scroll, .exploded-moves, main, body")]
  .filter((one) => one.scrollWidth > one.clientWidth).map((one) => `${one.scrollWidth} > ${one.clientWidth}`);
"""
CUT_OFF = """
const lost = [], edge = document.querySelector("#steps-group").getBoundingClientRect().right;
for (const row of document.querySelectorAll("#steps-group .form-multiline")) {
  const fields = [...row.querySelectorAll("select, input:not([type=hidden])")].filter((one) => one.offsetWidth > 1);
  const labels = [...row.querySelectorAll("label")];
  for (const field of fields) {
    const box = field.getBoundingClientRect();
    const covered = labels.some((label) => {
      const other = label.getBoundingClientRect();
      return other.left < box.right && other.right > box.left && other.top < box.bottom && other.bottom > box.top
        && !label.contains(field);
    });
    if (box.right > edge + 1 || covered) lost.push(field.name);
  }
}
return lost;
"""
COVERED = """
document.querySelector("[name=part]").click();
document.querySelector("[name=finish]").click();
const bar = document.querySelector(".assign .submit-row").getBoundingClientRect();
return [...document.querySelectorAll(".assign-list, .assign-finishes")]
  .map((one) => one.getBoundingClientRect().bottom - bar.top).filter((overlap) => overlap > 0);
"""


@pytest.fixture
def browser(tmp_path_factory: pytest.TempPathFactory, live_server: Any) -> Iterator[webdriver.Chrome]:
    with opened(tmp_path_factory.mktemp("profile")) as chrome:
        enter(chrome, live_server)
        speak(chrome, "de", latency=0)
        look(chrome, LAPTOP, "light")
        yield chrome


def test_lists_need_no_scrolling_and_forms_cover_nothing(
    live_server: Any, browser: webdriver.Chrome, tmp_path: Path
) -> None:
    world = make_world(tmp_path)
    CadFile.objects.filter(pk=world.cad_file.pk).update(
        original_name="tapered_roller_bearing.step",
        tree=tree(*(part(f"Ring {one}", f"/Ring {one}") for one in range(9))),
        report={"unit": "mm"},
    )

    def looked(address: str, script: str) -> list[str]:
        browser.get(live_server.url + address)
        found: list[str] = browser.execute_script(script)
        return found

    lists = {name: reverse(f"admin:{name}_changelist") for name in LISTS}
    found = {name: looked(address, SCROLLED) for name, address in lists.items()}
    found["finishes"] = looked(reverse("admin:media_assets_product_assign", args=[world.product.pk]), COVERED)
    browser.get("about:blank")  # asks first: a finish was chosen
    found["workflow"] = looked(change("rendering_workflow", spare_parts.add().pk), CUT_OFF)
    Product.objects.filter(pk=world.product.pk).update(name="Kegelrollenlager" * 12)
    tables = {
        "attempts": change("rendering_job", world.failed.pk),
        "parts": reverse("admin:media_assets_product_parts", args=[world.product.pk]),
    }
    on_a_phone = {name: reverse(f"admin:{name}") for name in PAGES} | {
        "product": change("media_assets_product", world.product.pk),
        "deletion": reverse("admin:media_assets_product_delete", args=[world.product.pk]),
        "exploded": reverse("admin:media_assets_product_exploded", args=[world.product.pk]),
        "delivery": change("rendering_webhook", Webhook.objects.get().pk),
    }
    for size, pages in ((LAPTOP, tables), (PHONE, lists | on_a_phone | tables)):
        look(browser, size, "light")
        found |= {f"{name} at {size[0]} px": looked(address, SCROLLED) for name, address in pages.items()}
    assert browser.find_elements(By.CSS_SELECTOR, ".parts-table tbody tr"), "the parts are there"
    assert {name: wrong for name, wrong in found.items() if wrong} == {}
