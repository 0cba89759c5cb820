"""A person without a mouse: moves with Tab, and stops when the place where they are can't be seen."""

from __future__ import annotations

from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from tests.end_to_end.chrome import wait

AT_MOST = 300  # stops of one page
# Where the focus is: a way to tell stops apart, words for a message, and whether somebody would see it.
WHERE = """
const one = document.activeElement;
if (!one || one === document.body) return null;
for (const move of document.getAnimations()) if (move instanceof CSSTransition) move.finish();
window.stops ??= new Map();
if (!window.stops.has(one)) window.stops.set(one, window.stops.size);
const style = getComputedStyle(one), box = one.getBoundingClientRect();
const isDrawn = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1.5;
const isHere = box.width > 0 && box.height > 0 && box.bottom > 0 && box.right > 0
  && box.top < innerHeight && box.left < innerWidth;
return [window.stops.get(one), one.outerHTML.slice(0, 160), isDrawn && isHere, one.matches(arguments[0] || "*")];
"""


class Keyboard:
    """The keys of one browser."""

    def __init__(self, browser: webdriver.Chrome) -> None:
        self.browser = browser

    def type(self, *keys: str) -> None:
        ActionChains(self.browser).send_keys(*keys).perform()

    def tab_to(self, selector: str, *, back: bool = False) -> None:
        """Press Tab until what *selector* names has the focus, which is seen at each stop on the way."""
        for _ in range(AT_MOST):
            self._tab(back)
            if (stop := self._stop(selector)) and stop[3]:
                return
        raise AssertionError(f"Tab never comes to {selector}")

    def open(self, key: str = Keys.ENTER) -> None:
        """Press *key*, and wait for the next page."""
        page = self.browser.find_element(By.TAG_NAME, "html")
        self.type(key)
        wait(self.browser, lambda: self.browser.find_element(By.TAG_NAME, "html") != page)
        wait(self.browser, lambda: self.browser.execute_script("return document.readyState") == "complete")

    def walk(self) -> int:
        """Go through the whole page until Tab leaves it or begins again; return the number of stops.

        A trap, which is a Tab that stays where it is or goes round without an end, fails.
        """
        seen: list[int] = []
        for _ in range(AT_MOST):
            self._tab()
            stop = self._stop()
            if stop is None or (seen and stop[0] == seen[0]):
                return len(seen)
            assert stop[0] not in seen, f"trapped at {stop[1]}"
            seen.append(stop[0])
        raise AssertionError(f"{AT_MOST} stops and no end")

    def _tab(self, back: bool = False) -> None:
        if back:
            ActionChains(self.browser).key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
        else:
            self.type(Keys.TAB)

    def _stop(self, selector: str = "") -> tuple[int, str, bool, bool] | None:
        stop = self.browser.execute_script(WHERE, selector)
        if stop is None:
            return None
        number, words, is_seen, is_it = stop
        assert is_seen, f"the focus is not seen at {words}"
        return number, words, is_seen, is_it
