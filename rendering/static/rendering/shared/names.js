/* What the admin's widgets draw without a name gets that of the field it stands for. */
"use strict";
(() => {
  const NONE = document.currentScript.dataset.none;
  let count = 0;

  // select2 draws a field of its own beside the select that the label points to
  function nameSearch(select) {
    const label = select.labels?.[0];
    const words = label?.textContent.trim().replace(/:$/, "") || select.getAttribute("aria-label");
    const drawn = select.nextElementSibling;
    if (!words || !drawn?.matches(".select2")) return;
    const shown = drawn.querySelector(".select2-selection__rendered");
    for (const part of drawn.querySelectorAll("[role=combobox], [role=textbox], [role=searchbox], input")) {
      if (label && shown && part.matches("[role=combobox]")) {
        label.id ||= `names-${(count += 1)}`;
        part.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
      } else {
        part.removeAttribute("aria-labelledby");
        part.setAttribute("aria-label", words);
      }
    }
  }

  // A list without a link in its rows scrolls with the keyboard too, once it is wider than the page.
  const wide = new ResizeObserver((seen) => seen.forEach(({ target }) => {
    const scrolls = target.scrollWidth > target.clientWidth;
    for (const [key, value] of Object.entries({ tabindex: "0", role: "region", "aria-label": document.title })) {
      scrolls ? target.setAttribute(key, value) : target.removeAttribute(key);
    }
  }));

  function name(place) {
    place.querySelectorAll("#changelist .results").forEach((list) => wide.observe(list));
    place.querySelectorAll("select.admin-autocomplete").forEach(nameSearch);
    for (const half of place.querySelectorAll(".datetime .vDateField, .datetime .vTimeField")) {
      if (!half.labels.length) half.setAttribute("aria-label", half.previousSibling?.textContent.trim() || half.name);
    }
    for (const choice of place.querySelectorAll("#changelist-filter a")) choice.textContent.trim() || (choice.textContent = NONE);
    for (const sign of place.querySelectorAll("span[aria-label]:not([role])")) sign.setAttribute("role", "img");
  }

  // They are drawn once the page is there, and again for each row that is added to a table.
  document.addEventListener("DOMContentLoaded", () => setTimeout(() => name(document)));
  addEventListener("load", () => name(document));
  document.addEventListener("formset:added", (event) => setTimeout(() => name(event.target)));
})();
