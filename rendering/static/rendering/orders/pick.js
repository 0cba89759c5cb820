/* Chooses the products of an order by typing. The text field with one number per line stays what is sent; without this
   script it is all there is. gettext is Django's. */
"use strict";
(() => {
  const WAIT = 160; // ms after the last letter
  const box = document.querySelector("[data-pick]");
  const list = document.getElementById("id_products");
  if (!box || !list) return;
  const input = box.querySelector("input");
  const found = box.querySelector(".pick-found");
  const chosen = box.querySelector(".pick-chosen");
  const count = box.querySelector(".pick-count");
  const most = Number(box.dataset.most);
  const rows = new Map(); // what is known of a product by its number: its picture and its words
  let timer = 0;
  let asked = 0;

  const numbers = () => [...new Set(list.value.split("\n").map((line) => line.trim()).filter(Boolean))];
  const options = () => [...found.querySelectorAll("[role=option]")];

  function write(all) {
    list.value = all.join("\n");
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  async function fetched(parameters) {
    const response = await fetch(`${box.dataset.pick}?${new URLSearchParams(parameters)}`, { headers: { Accept: "text/html" } });
    if (response.redirected || !response.ok) throw new Error(String(response.status));
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const row of answer.querySelectorAll("[data-number]")) rows.set(row.dataset.number, document.importNode(row, true));
    return answer;
  }

  function close() {
    found.hidden = true;
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  }

  function mark(option) {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  async function search() {
    const mine = (asked += 1);
    try {
      const answer = await fetched({ q: input.value.trim() });
      if (mine !== asked) return;
      found.replaceChildren(...answer.body.childNodes);
    } catch {
      found.textContent = gettext("The search did not answer. Type again, or log in again in another tab.");
    }
    const there = new Set(numbers());
    for (const one of options()) one.classList.toggle("is-chosen", there.has(one.dataset.number));
    found.hidden = false;
    input.setAttribute("aria-expanded", "true");
    mark(input.value.trim() ? options()[0] : null);
  }

  function add(option) {
    const all = numbers();
    if (!all.includes(option.dataset.number)) write([...all, option.dataset.number]);
    input.value = "";
    close();
    input.focus();
  }

  function entry(number) {
    const item = document.createElement("li");
    const known = rows.get(number);
    if (known) item.append(...[...known.childNodes].map((node) => node.cloneNode(true)));
    else item.append(Object.assign(document.createElement("span"), { textContent: number }));
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
    button.setAttribute("aria-label", interpolate(gettext("Remove %s"), [number]));
    button.addEventListener("click", () => {
      const place = [...chosen.children].indexOf(item);
      write(numbers().filter((one) => one !== number));
      (chosen.children[Math.min(place, chosen.children.length - 1)]?.querySelector("button") ?? input).focus();
    });
    item.append(button);
    return item;
  }

  function show() {
    const all = numbers();
    chosen.replaceChildren(...all.slice(0, most).map(entry));
    const words = ngettext("%s product chosen", "%s products chosen", all.length);
    const rest = all.length > most ? ` ${interpolate(gettext("(the first %s are shown)"), [most])}` : "";
    count.textContent = all.length ? interpolate(words, [all.length]) + rest : gettext("No product chosen yet.");
  }

  async function complete() {
    show();
    const unknown = numbers().slice(0, most).filter((number) => !rows.has(number));
    if (!unknown.length) return;
    try {
      await fetched(unknown.map((number) => ["number", number]));
    } catch {
      return; // their numbers are shown
    }
    if (unknown.some((number) => rows.has(number))) show();
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(search, WAIT);
  });
  input.addEventListener("keydown", (event) => {
    const all = options();
    const place = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
    if (event.key === "Enter") {
      event.preventDefault(); // it adds, and never orders
      if (!found.hidden && all[place]) add(all[place]);
    } else if (event.key === "Escape" && !found.hidden) {
      event.preventDefault();
      close();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (found.hidden) return search();
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (all.length) mark(all[place < 0 && step < 0 ? all.length - 1 : (place + step + all.length) % all.length]);
    }
  });
  input.addEventListener("blur", () => setTimeout(() => { if (!box.contains(document.activeElement)) close(); }, 0));
  found.addEventListener("pointerdown", (event) => {
    event.preventDefault(); // the focus stays in the field
    const option = event.target.closest("[role=option]");
    if (option) add(option);
  });
  list.addEventListener("input", () => {
    clearTimeout(timer);
    show();
    timer = setTimeout(complete, WAIT);
  });

  const row = list.closest(".form-row");
  if (!row.querySelector(".errorlist")) {
    const more = document.createElement("details");
    more.append(Object.assign(document.createElement("summary"), { textContent: gettext("Type or paste numbers") }));
    more.append(...row.childNodes);
    row.append(more);
  }
  box.hidden = false;
  row.prepend(box);
  complete();
})();
