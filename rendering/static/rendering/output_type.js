/* The form of an output type: fields that do not count for what was chosen step back, and a test render appears on the
   page. Without this script all fields are there, and the test render opens in a page of its own. */
"use strict";
(() => {
  const form = document.querySelector("#outputtype_form");
  if (!form) return;

  const value = (name) => form.elements[name]?.value ?? "";
  const isAny = (name, ...values) => values.includes(value(name));
  const IS_PANORAMA = () => isAny("lighting", "daylight", "custom");
  // field: whether it counts, as rendering/recipes.py has it
  const COUNTS = {
    azimuth: () => isAny("camera", "custom"),
    elevation: () => isAny("camera", "custom"),
    roll: () => isAny("camera", "custom"),
    f_stop: () => !form.elements.orthographic?.checked,
    focal_length: () => !form.elements.orthographic?.checked,
    environment: () => isAny("lighting", "custom"),
    hdri_rotation: IS_PANORAMA,
    hdri_strength: IS_PANORAMA,
    background_color: () => isAny("background", "colour", "gradient"),
    gradient_color: () => isAny("background", "gradient"),
    quality: () => isAny("format", "jpg", "webp", "avif", "mp4", "webm", "awebp") && !form.elements.lossless?.checked,
    lossless: () => isAny("format", "webp"),
    effort: () => isAny("format", "webp"),
    bit_depth: () => isAny("format", "png", "tiff"),
    frames: () => isAny("kind", "turntable"),
    fps: () => isAny("kind", "turntable"),
  };

  // A field that shares its row has a box, which lies with its help and errors in one of the row's cells.
  function boxes(name) {
    const found = form.querySelectorAll(`.fieldBox.field-${name}, .form-row.field-${name}:not(:has(.fieldBox))`);
    return [...found].map((box) => box.closest(".form-multiline > div") ?? box);
  }

  function step() {
    for (const [name, counts] of Object.entries(COUNTS)) {
      const isUsed = counts();
      for (const box of boxes(name)) {
        const hasTrouble = box.querySelector(".errorlist") || box.classList.contains("errors");
        box.hidden = !isUsed && !hasTrouble && !(name === "frames" || name === "fps" ? value(name) : "");
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

  function length() {
    const fps = form.querySelector(".field-fps");
    if (!fps) return;
    const note = fps.querySelector(".duration") ?? fps.appendChild(document.createElement("p"));
    note.className = "duration help";
    const seconds = Number(value("frames")) / Number(value("fps"));
    note.textContent = Number.isFinite(seconds) && seconds > 0 ? `One turn takes ${seconds.toFixed(1)} s.` : "";
  }

  for (const name of ["background_color", "gradient_color"]) {
    const text = form.elements[name];
    if (!text) continue;
    const picker = document.createElement("input");
    picker.type = "color";
    picker.className = "color-picker";
    picker.setAttribute("aria-label", `${name.replace("_", " ")}, picker`);
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
      if (!fresh || !response.ok) throw new Error(`answered ${response.status}`);
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
      form.querySelector(".trial-now .trial-result").textContent = `The test render could not be asked for (${error.message}). Try again.`;
    } finally {
      button.disabled = false;
    }
  }

  form.querySelector("[data-trial]")?.addEventListener("click", (event) => {
    event.preventDefault();
    test(event.currentTarget);
  });
  form.addEventListener("change", step);
  form.addEventListener("input", length);
  step();
})();
