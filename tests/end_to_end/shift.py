"""How much a page moves while it loads, as Chromium counts it: https://web.dev/articles/cls."""

from __future__ import annotations

from typing import Any

from selenium import webdriver

MOST = 0.05  # half of what counts as good there
# Gathered in the page itself from its first moment; what people set off themselves is no trouble.
WATCH = """
window.shifts = [];
new PerformanceObserver((list) => {
  const name = (node) => [node?.nodeName, node?.id, node?.className].filter(Boolean).join(" ");
  for (const entry of list.getEntries().filter((one) => !one.hadRecentInput)) {
    shifts.push([entry.value, entry.sources.map((one) => name(one.node)).join(", ")]);
  }
}).observe({ type: "layout-shift", buffered: true });
"""
# Once what is live has been asked for again, and a frame has been drawn.
SETTLE = """
const done = arguments[0];
const later = () => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(window.shifts))));
if (!document.querySelector("[data-live]")) later();
else {
  document.addEventListener("live:seen", later, { once: true });
  document.dispatchEvent(new Event("live:more"));
}
"""


def watch(browser: webdriver.Chrome) -> None:
    """Let each page from now on say what moves in it."""
    browser.execute_cdp_cmd("Page.addScriptToEvaluateOnNewDocument", {"source": WATCH})


def total(found: list[tuple[float, str]]) -> float:
    return sum(share for share, _ in found)


def shifts(browser: webdriver.Chrome) -> list[tuple[float, str]]:
    """Return what has moved on this page, how much of the window it took, and which elements."""
    found: list[Any] = browser.execute_async_script(SETTLE)
    return [(float(share), str(what)) for share, what in found]
