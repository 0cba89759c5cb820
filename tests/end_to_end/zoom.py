"""A page at 200 %: https://www.w3.org/TR/WCAG22/#reflow and #resize-text. Whatever is cut off there is lost."""

from __future__ import annotations

from collections.abc import Iterator

from selenium import webdriver

HALF = (640, 500)  # what a window of 1280 by 1000 px has at 200 %, in CSS px

# Texts that an ancestor cuts off and nobody can scroll to, pictures whose frame of 1 px is cut off, and places
# where Tab goes another way than the eye.
LOST = """
const lost = new Set(), range = document.createRange();
const name = (one) => `${one.localName}.${one.className || one.id}`;
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let text = texts.nextNode(); text; text = texts.nextNode()) {
  const isSeen = text.parentElement.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  if (!text.data.trim() || !isSeen) continue;
  range.selectNodeContents(text);
  const words = range.getBoundingClientRect();
  if (!words.width || text.parentElement.closest("option, [aria-hidden=true]")) continue;
  for (let one = text.parentElement; one && one !== document.body; one = one.parentElement) {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    if ([style.overflowX, style.overflowY].some((how) => how === "auto" || how === "scroll")) break;
    if (box.width <= 1 || box.height <= 1) break; // for those who listen
    const isCut = (style.overflowX !== "visible" && (words.right > box.right + 2 || words.left < box.left - 2))
      || (style.overflowY !== "visible" && (words.bottom > box.bottom + 2 || words.top < box.top - 2));
    if (isCut && style.textOverflow !== "ellipsis") lost.add(`${name(one)} cuts off “${text.data.trim()}”`);
    if (isCut || style.position === "fixed") break;
  }
}
for (const picture of document.querySelectorAll("img.thumb, img.picture")) {
  const frame = picture.getBoundingClientRect();
  for (let one = picture.parentElement; frame.width && one && one !== document.body; one = one.parentElement) {
    const style = getComputedStyle(one), box = one.getBoundingClientRect();
    const isCut = style.overflowX !== "visible" && !one.scrollLeft && frame.left - 1 < box.left + one.clientLeft;
    if (isCut) lost.add(`${name(one)} cuts off the frame of ${picture.alt}`);
  }
}
for (const one of document.querySelectorAll("[tabindex]")) {
  if (one.tabIndex > 0) lost.add(`${name(one)} has a tabindex`);
}
return [...lost];
"""


def wider_than_its_window(browser: webdriver.Chrome) -> bool:
    return bool(browser.execute_script("return document.documentElement.scrollWidth > innerWidth"))


def lost(browser: webdriver.Chrome) -> Iterator[str]:
    """What is cut off of the page as it is now, or can only be read by scrolling sideways."""
    if wider_than_its_window(browser):
        yield "it is wider than its window"
    yield from browser.execute_script(LOST)


def larger_letters(browser: webdriver.Chrome) -> None:
    """Make the letters of this page twice as large, as the settings of a browser do."""
    browser.execute_script("document.documentElement.style.fontSize = '200%'")
