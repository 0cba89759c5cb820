/* The form of an output type: fields that do not count for what was chosen step back, and a test render appears on the
   page. Without this script all fields are there, and the test render opens in a page of its own. gettext is Django's. */
"use strict";
(() => {
  const form = document.querySelector("#outputtype_form");
  if (!form) return;

  const value = (name) => form.elements[name]?.value ?? "";
  // {field: {counts, why, must_be_empty}}, as the server says it; what it says nothing about is shown.
  const place = document.getElementById("counting");
  let counting = JSON.parse(place.dataset.now);
  const fields = Object.keys(counting);
  const chosenBy = place.dataset.by.split(" ");
  let asked = 0;

  async function ask() {
    asked += 1;
    const mine = asked;
    const chosen = [...new FormData(form)].filter(([name]) => chosenBy.includes(name));
    let answer = {};
    try {
      const response = await fetch(`${place.dataset.url}?${new URLSearchParams(chosen)}`, { credentials: "same-origin" });
      if (response.ok) answer = await response.json();
    } catch {
      // The network is away, or a log-in page came: then every field is shown.
    }
    if (mine !== asked) return; // something else was chosen meanwhile
    counting = answer;
    step();
  }

  // A field that shares its row has a box, which lies with its help and errors in one of the row's cells.
  function boxes(name) {
    const found = form.querySelectorAll(`.fieldBox.field-${name}, .form-row.field-${name}:not(:has(.fieldBox))`);
    return [...found].map((box) => box.closest(".form-multiline > div") ?? box);
  }

  function step() {
    for (const name of fields) {
      const field = counting[name] ?? { counts: true, why: "", must_be_empty: false };
      for (const box of boxes(name)) {
        const hasTrouble = box.querySelector(".errorlist") || box.classList.contains("errors");
        box.hidden = !field.counts && !hasTrouble && !(field.must_be_empty && value(name));
        const note = box.querySelector(".why-not") ?? box.appendChild(document.createElement("p"));
        note.className = "why-not help";
        note.textContent = field.why;
        note.hidden = !field.why;
      }
    }
    for (const row of form.querySelectorAll(".form-row:has(.fieldBox)")) {
      row.hidden = [...row.querySelectorAll(".form-multiline > div")].every((box) => box.hidden);
    }
    for (const group of form.querySelectorAll("fieldset:not(.trial):has(.form-row)")) {
      group.hidden = [...group.querySelectorAll(".form-row")].every((row) => row.hidden);
    }
    length();
  }

  // Each kind has its formats, and the turning ones need frames, which the others must not have: its choice sets them.
  const kinds = JSON.parse(place.dataset.kinds);
  function offer() {
    const formats = kinds[value("kind")]?.formats;
    for (const option of form.elements.format?.options ?? []) option.hidden = Boolean(formats) && !formats.includes(option.value);
  }
  function fit() {
    const kind = kinds[value("kind")];
    if (!kind) return;
    offer();
    if (!kind.formats.includes(value("format")) && form.elements.format) form.elements.format.value = kind.formats[0];
    for (const [name, usual] of Object.entries(kind.usual)) {
      const field = form.elements[name];
      if (field && (!usual || !field.value)) field.value = usual;
    }
    // MP4 has no transparency, and an even size.
    if (value("format") === "mp4") {
      if (value("background") === "transparent") form.elements.background.value = "colour";
      for (const name of ["width", "height"]) form.elements[name].value = 2 * Math.floor(Number(value(name)) / 2) || "";
    }
  }

  function length() {
    const fps = form.querySelector(".field-fps");
    if (!fps) return;
    const note = fps.querySelector(".duration") ?? fps.appendChild(document.createElement("p"));
    note.className = "duration help";
    const seconds = Number(value("frames")) / Number(value("fps"));
    const isKnown = Number.isFinite(seconds) && seconds > 0;
    note.textContent = isKnown ? interpolate(gettext("One turn takes %s s."), [seconds.toFixed(1)]) : "";
  }

  const PICKERS = {
    background_color: gettext("background color, picker"),
    gradient_color: gettext("gradient color, picker"),
    edge_color: gettext("color of drawn edges, picker"),
    part_color: gettext("color of the parts, picker"),
  };
  for (const [name, words] of Object.entries(PICKERS)) {
    const text = form.elements[name];
    if (!text) continue;
    const picker = document.createElement("input");
    picker.type = "color";
    picker.className = "color-picker";
    picker.setAttribute("aria-label", words);
    picker.value = text.value || "#ffffff";
    picker.addEventListener("input", () => (text.value = picker.value));
    text.addEventListener("input", () => /^#[0-9a-f]{6}$/i.test(text.value) && (picker.value = text.value));
    text.after(picker);
  }

  async function test(button) {
    button.disabled = true;
    try {
      const response = await fetch(button.dataset.trial, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      const answer = new DOMParser().parseFromString(await response.text(), "text/html");
      const fresh = answer.querySelector(".trial-result");
      const now = form.querySelector(".trial-now .trial-result");
      if (!fresh || !response.ok) throw new Error(interpolate(gettext("answered %s"), [response.status]));
      const before = form.querySelector(".trial-before");
      const picture = now.querySelector("figure");
      if (picture) {
        before.querySelector("figure")?.remove();
        before.append(picture);
        before.hidden = false;
      }
      now.replaceWith(document.importNode(fresh, true));
      document.dispatchEvent(new Event("live:more"));
    } catch (error) {
      const text = gettext("The test render could not be started (%s). Try again.");
      form.querySelector(".trial-now .trial-result").textContent = interpolate(text, [error.message]);
    } finally {
      button.disabled = false;
    }
  }

  // Which pictures the settings would make stale is said before they are saved.
  const effect = form.querySelector("[data-effect]");
  let wait = 0;
  let judged = 0;

  async function judge() {
    const mine = (judged += 1);
    try {
      const response = await fetch(effect.dataset.effect, { method: "POST", body: new FormData(form), credentials: "same-origin" });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").getElementById("effect");
      if (response.ok && fresh && mine === judged) effect.replaceChildren(document.importNode(fresh, true));
    } catch {
      // The network is away: saving will say it.
    }
  }

  if (effect) {
    form.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(judge, 500);
    });
  }

  form.querySelector("[data-trial]")?.addEventListener("click", (event) => {
    event.preventDefault();
    test(event.currentTarget);
  });
  form.addEventListener("change", (event) => { if (event.target.name === "kind") fit(); });
  form.addEventListener("change", (event) => (chosenBy.includes(event.target.name) ? ask() : step()));
  form.addEventListener("input", length);
  offer();
  step();
})();
