/* The search at the top of each page, the shortcuts and their list, and the menu of narrow windows. */
"use strict";
(() => {
  const WAIT = 180; // ms after the last letter
  const SEQUENCE = 1200; // ms between the keys of one shortcut
  const OFF = "renderdesk.shortcutsOff";
  const box = document.getElementById("search-box");
  const menu = document.getElementById("menu-button");
  const list = document.getElementById("shortcuts");

  function search() {
    const input = box.elements.q;
    const found = document.getElementById("search-found");
    let timer = 0;
    let asked = 0;

    const close = () => { found.hidden = true; };

    async function ask() {
      const text = input.value.trim();
      const mine = (asked += 1);
      if (!text) return close();
      const address = new URL(box.action);
      address.search = new URLSearchParams({ q: text, box: "1" });
      try {
        const response = await fetch(address, { headers: { Accept: "text/html" } });
        if (mine !== asked || response.redirected || !response.ok) return;
        const answer = new DOMParser().parseFromString(await response.text(), "text/html");
        if (mine !== asked) return;
        found.replaceChildren(...answer.body.childNodes);
        found.hidden = false;
      } catch {
        close(); // Enter still asks for the page, which says what is wrong
      }
    }

    input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("focus", () => { if (found.childElementCount && input.value.trim()) found.hidden = false; });
    box.addEventListener("focusout", (event) => { if (event.relatedTarget && !box.contains(event.relatedTarget)) close(); });
    document.addEventListener("pointerdown", (event) => { if (!box.contains(event.target)) close(); });
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        input.focus(); // which would show the list again
        input.select();
        close();
        return;
      }
      if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
      const links = [input, ...(found.hidden ? [] : found.querySelectorAll("a"))];
      const place = links.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      links[(place + links.length) % links.length].focus();
      event.preventDefault();
    });
  }

  function narrow() {
    const bar = document.getElementById("nav-sidebar");
    if (!bar) return menu.remove();
    const show = (isOpen) => {
      document.body.classList.toggle("menu-open", isOpen);
      menu.setAttribute("aria-expanded", String(isOpen));
      if (isOpen) bar.querySelector("a, input").focus();
    };
    menu.addEventListener("click", () => show(menu.getAttribute("aria-expanded") !== "true"));
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || menu.getAttribute("aria-expanded") !== "true") return;
      show(false);
      menu.focus();
    });
  }

  const isTyping = (element) => element.isContentEditable
    || element.matches("input:not([type=checkbox], [type=radio], [type=submit], [type=button]), textarea, select, .select2-selection, model-viewer");

  function keys() {
    const links = new Map([...list.querySelectorAll("[data-keys]")].map((link) => [link.dataset.keys, link]));
    const onOff = document.getElementById("shortcuts-on");
    const isOn = () => localStorage.getItem(OFF) === null;
    let pressed = "";
    let last = 0;
    const show = () => onOff.setAttribute("aria-checked", String(isOn()));
    onOff.addEventListener("click", () => {
      isOn() ? localStorage.setItem(OFF, "1") : localStorage.removeItem(OFF);
      show();
    });
    show();
    document.getElementById("shortcuts-button")?.addEventListener("click", () => list.showModal());
    document.addEventListener("keydown", (event) => {
      const isPlain = !(event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.defaultPrevented);
      if (!isOn() || !isPlain || event.key.length !== 1 || isTyping(event.target) || list.open) return;
      if (event.key === "/" && box) {
        event.preventDefault();
        box.elements.q.focus();
        box.elements.q.select();
      } else if (event.key === "?") {
        event.preventDefault();
        list.showModal();
      } else {
        pressed = event.timeStamp - last < SEQUENCE && pressed ? `${pressed} ${event.key}` : event.key;
        last = event.timeStamp;
        const link = links.get(pressed);
        const isBegun = [...links.keys()].some((one) => one.startsWith(`${pressed} `));
        if (link || !isBegun) pressed = "";
        if (link) location.assign(link.href);
      }
    });
  }

  if (box) search();
  if (menu) narrow();
  if (list) keys();
})();
