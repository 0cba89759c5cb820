/* The list of assets: suggestions of products as somebody types in the filter, and the box that ticks a whole page.
   Without this script the form finds what was typed, and boxes are ticked one by one. */
"use strict";
(() => {
  const PAUSE = 250; // ms without a key, before the server is asked
  for (const form of document.querySelectorAll("form[data-suggest]")) {
    const input = form.querySelector("input[type=search]");
    const list = document.createElement("datalist");
    list.id = `${input.id}-list`;
    form.append(list);
    input.setAttribute("list", list.id);
    let timer, asked;

    async function suggest() {
      const text = input.value.trim();
      if (!text || text === asked) return;
      asked = text;
      try {
        const answer = await fetch(`${form.dataset.suggest}&term=${encodeURIComponent(text)}`);
        if (!answer.ok || text !== asked) return;
        const found = await answer.json();
        list.replaceChildren(...found.results.slice(0, 12).map((one) => new Option("", one.text)));
      } catch { /* nothing is suggested, and the form works */ }
    }

    input.addEventListener("input", (event) => {
      clearTimeout(timer);
      // Something of the list was chosen: that is the product.
      if (event.inputType === "insertReplacementText" || !event.inputType) {
        if ([...list.options].some((one) => one.value === input.value)) return form.requestSubmit();
      }
      timer = setTimeout(suggest, PAUSE);
    });
  }
})();
