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
const [rules, fingers, done] = arguments;
const only = rules ? { type: "rule", values: rules } : undefined;
const targets = { "target-size": { enabled: fingers } };
const options = { preload: false, resultTypes: ["violations"], runOnly: only, rules: targets };
requestAnimationFrame(() => requestAnimationFrame(() => {
  for (const one of document.getAnimations()) if (one instanceof CSSTransition) one.finish();
  axe.run(document, options).then((found) => done(found.violations), (error) => done(String(error)));
}));
"""
BARRIERS = ("serious", "critical")
COLORS = ["color-contrast", "link-in-text-block"]  # the rules that a page can break in one theme only


def load(browser: webdriver.Chrome) -> None:
    """Put axe-core into the page; the driver does so from outside, so the page's policy has no say."""
    if not SOURCE.is_file():
        pytest.skip(INSTALL)
    browser.execute_script(SOURCE.read_text())


def violations(
    browser: webdriver.Chrome,
    rules: list[str] | None = None,
    *,
    impacts: tuple[str, ...] = BARRIERS,
    fingers: bool = False,
) -> list[str]:
    """Return what breaks *rules* (default: all) as badly as *impacts* say: the rule, the element, and what to mend.

    *fingers*: also what is too small for them, which axe leaves out by default.
    """
    found: list[dict[str, Any]] = browser.execute_async_script(RUN, rules, fingers)
    assert isinstance(found, list), found
    return [
        f"{one['id']} ({one['impact']}): {' '.join(map(str, node['target']))}: "
        + " ".join(node["failureSummary"].split())
        for one in found
        if one["impact"] in impacts
        for node in one["nodes"]
    ]
