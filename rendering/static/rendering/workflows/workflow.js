/* The form of a workflow: a step asks for an output type, or for a quality, by what it makes, and a new step gets the
   next number. Without this script all fields are there. */
"use strict";
(() => {
  const group = document.querySelector("#steps-group");
  if (!group) return;

  function box(step, name) {
    const field = step.querySelector(`.fieldBox.field-${name}`); // its row has the class as well
    return field?.closest(".form-multiline > div") ?? field;
  }

  function show(step) {
    const kind = step.querySelector('select[name$="-kind"]');
    if (!kind) return;
    const isPicture = kind.value === "output";
    for (const [name, counts] of [["output_type", isPicture], ["tessellation", !isPicture]]) {
      const one = box(step, name);
      if (one) one.hidden = !counts && !one.querySelector(".errorlist");
    }
  }

  function steps() {
    return [...group.querySelectorAll(".inline-related:not(.empty-form)")];
  }

  group.addEventListener("change", (event) => {
    const step = event.target.closest(".inline-related");
    if (step) show(step);
  });
  document.addEventListener("formset:added", (event) => {
    const number = event.target.querySelector('input[name$="-position"]');
    if (number) number.value = steps().length;
    show(event.target);
  });
  steps().forEach(show);
})();
