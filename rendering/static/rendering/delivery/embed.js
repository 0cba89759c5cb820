/* The page of a 3-D model in a frame: the viewer when somebody asks for it, and the button that this phone understands. */
"use strict";
(() => {
  const stage = document.querySelector("[data-model]");
  const said = stage.querySelector("[role=status]");
  const button = document.querySelector("[data-show]");

  async function show() {
    button.disabled = true;
    // The policy forbids WebAssembly; without it the viewer unpacks by a script.
    delete window.WebAssembly;
    const folder = new URL(".", new URL(stage.dataset.draco, document.baseURI));
    self.ModelViewerElement ??= { dracoDecoderLocation: folder.href }; // it looks here as it loads
    await import(stage.dataset.module);
    const model = document.createElement("model-viewer");
    const facts = {
      src: stage.dataset.model, alt: stage.dataset.alt, "camera-controls": "", "touch-action": "pan-y", "interaction-prompt": "none",
      "environment-image": "neutral", "shadow-intensity": "0.6", "camera-orbit": "35deg 65deg auto",
    };
    for (const [name, value] of Object.entries(facts)) model.setAttribute(name, value);
    model.addEventListener("load", () => {
      stage.querySelector("img")?.remove();
      stage.dataset.state = "shown";
      button.hidden = true;
    });
    model.addEventListener("error", () => { model.remove(); sorry(); });
    stage.append(model);
  }
  function sorry() {
    stage.dataset.state = "failed";
    said.textContent = stage.dataset.sorry;
    button.disabled = false;
  }

  const phone = document.createElement("a").relList?.supports?.("ar") ? "ios" : /android/i.test(navigator.userAgent) ? "android" : "none";
  const fit = document.querySelector(`[data-ar="${phone}"]`) ?? document.querySelector('[data-ar="none"]');
  for (const one of document.querySelectorAll("[data-ar]")) one.hidden = one !== fit;
  button.hidden = false;
  button.addEventListener("click", () => show().catch(sorry));
  if (!stage.querySelector("img")) show().catch(sorry);
})();
