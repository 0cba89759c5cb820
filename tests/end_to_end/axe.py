"""axe-core's rules, asked of the page that a browser shows."""

from __future__ import annotations

from typing import Any

import pytest
from selenium import webdriver

from tests.paths import PROJECT

SOURCE = PROJECT / "tests" / "node" / "node_modules" / "axe-core" / "axe.min.js"
INSTALL = "axe-core is not there: apt-get install nodejs npm, then make install-dev"
# Colors on their way to those of another theme are at their end before they are looked at.
RUN = """
const [left, fingers, done] = arguments;
const rules = { "target-size": { enabled: fingers } };
for (const one of left) rules[one] = { enabled: false };
const options = { preload: false, resultTypes: ["violations"], rules };
requestAnimationFrame(() => requestAnimationFrame(() => {
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
  axe.run(document, options).then((found) => done(found.violations), (error) => done(String(error)));
}));
"""
BARRIERS = ("serious", "critical")
# What takes long to find out, and is at most "moderate" to axe.
SLIGHT = ["heading-order", "landmark-unique", "region"]


def load(browser: webdriver.Chrome) -> None:
    """Put axe-core into the page; the driver does so from outside, so the page's policy has no say."""
    if not SOURCE.is_file():
        pytest.skip(INSTALL)
    browser.execute_script(SOURCE.read_text())


def violations(browser: webdriver.Chrome, *, fingers: bool = False) -> list[str]:
    """Return each serious barrier: the rule, the element, and what to mend.

    *fingers*: also what is too small for them, which axe leaves out by default.
    """
    found: list[dict[str, Any]] = browser.execute_async_script(RUN, SLIGHT, fingers)
    assert isinstance(found, list), found
    return [
        f"{one['id']} ({one['impact']}): {' '.join(map(str, node['target']))}: "
        + " ".join(node["failureSummary"].split())
        for one in found
        if one["impact"] in BARRIERS
        for node in one["nodes"]
    ]
