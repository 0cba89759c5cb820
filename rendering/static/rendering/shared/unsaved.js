/* Warns before a form is left that has been changed and not sent: the browser asks in its own words. */
"use strict";
(() => {
  const forms = [...document.querySelectorAll(".change-form #content-main form[method=post][id$=_form], form[data-unsaved]")];
  if (!forms.length) return;
  const text = (form) => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, value instanceof File ? value.name : value])
    .filter(([name]) => name !== "csrfmiddlewaretoken" && !name.startsWith("_")));
  let before = new Map();
  let isSent = false;

  // The page's other scripts fill in what they show first: that is no change of anybody's.
  addEventListener("load", () => setTimeout(() => { before = new Map(forms.map((form) => [form, text(form)])); }, 0));
  // A form that comes back with errors, or kept for somebody, holds what was typed and is saved nowhere.
  const isUnsaved = (form) => "kept" in form.dataset || form.querySelector(".errorlist, .errornote") !== null
    || (before.has(form) && before.get(form) !== text(form));

  for (const form of forms) {
    form.addEventListener("submit", (event) => {
      const isElsewhere = event.submitter?.formTarget === "_blank";
      if (!isElsewhere) setTimeout(() => { isSent = !event.defaultPrevented; }, 0);
      if (!isElsewhere && !event.defaultPrevented) isSent = true;
    });
  }
  addEventListener("pageshow", () => { isSent = false; });
  addEventListener("beforeunload", (event) => {
    if (!isSent && forms.some(isUnsaved)) event.preventDefault();
  });
})();
