/* What pages with assets can do beside showing them: geometry in 3-D, two pictures compared, an address copied.
   Without this script each of them is a link or two pictures side by side. */
"use strict";
(() => {
  // Geometry: the viewer is 1 MB, and a file may be large. Both are fetched when somebody asks for them.
  async function show(viewer) {
    const button = viewer.querySelector("button");
    const said = viewer.querySelector("[role=status]");
    button.disabled = true;
    said.textContent = "Loading…";
    // Its decoder of compressed meshes, which our files have no use for, would compile WebAssembly as it loads. The
    // Content-Security-Policy forbids that, so the decoder is told that this browser has none.
    delete window.WebAssembly;
    try {
      await import(viewer.dataset.module);
    } catch {
      return sorry(viewer, "The 3-D viewer could not be loaded. Reload the page.");
    }
    const model = document.createElement("model-viewer");
    const facts = {
      src: viewer.dataset.viewer, alt: viewer.dataset.alt, "camera-controls": "", "touch-action": "pan-y",
      "interaction-prompt": "none", "environment-image": "neutral", "shadow-intensity": "0.6", "camera-orbit": "35deg 65deg auto",
      "min-camera-orbit": "auto 0deg auto", "max-camera-orbit": "auto 180deg auto",
    };
    for (const [name, value] of Object.entries(facts)) model.setAttribute(name, value);
    model.addEventListener("progress", (event) => {
      said.textContent = event.detail.totalProgress < 1 ? `Loading ${Math.round(100 * event.detail.totalProgress)} %` : "";
    });
    model.addEventListener("load", () => {
      viewer.dataset.state = "shown";
      said.textContent = "";
    });
    model.addEventListener("error", (event) => {
      if (event.detail?.type === "webglcontextlost") return sorry(viewer, "The graphics card lost the picture. Reload the page.");
      sorry(viewer, "This geometry can't be shown here. Download it, or look whether this browser has WebGL.");
    });
    button.hidden = true;
    viewer.querySelector(".viewer-stage").append(model);
    model.focus({ preventScroll: true });
  }

  function sorry(viewer, words) {
    viewer.dataset.state = "failed";
    viewer.querySelector("model-viewer")?.remove();
    viewer.querySelector("[role=status]").textContent = words;
    const button = viewer.querySelector("button");
    button.hidden = button.disabled = false;
  }

  // Two pictures over each other; the slider says how much of the earlier one is seen.
  for (const pair of document.querySelectorAll("[data-compare]")) {
    const slider = pair.querySelector("input");
    const cut = () => pair.style.setProperty("--cut", `${slider.value}%`);
    slider.addEventListener("input", cut);
    pair.querySelector("label").hidden = false;
    pair.classList.add("is-over");
    cut();
  }

  for (const viewer of document.querySelectorAll("[data-viewer]")) {
    const button = viewer.querySelector("button");
    button.hidden = false;
    button.addEventListener("click", () => show(viewer));
    if ("auto" in viewer.dataset) show(viewer);
  }
})();
