/* What pages with assets can do beside showing them: geometry in 3-D, two pictures compared, a turntable turned by
   hand, an address copied. Without this script each of them is a link, a plain player or two pictures side by side.
   gettext is Django's. */
"use strict";
(() => {
  const MOVED = 5; // px

  // What other scripts do with a geometry that is shown: its parts are known by their keys.
  class Shown {
    constructor(model) {
      this.model = model;
      this.scene = model[Object.getOwnPropertySymbols(model).find((one) => one.description === "scene")];
    }

    partOf(object) {
      for (let one = object; one; one = one.parent) if (one.userData?.part_key !== undefined) return one.userData.part_key;
      return null;
    }

    // What is under the pointer; null for nothing.
    hit(event) {
      return this.scene?.hitFromPoint(this.scene.getNDC(event.clientX, event.clientY)) ?? null;
    }

    // The key of the part under the pointer; null for none.
    at(event) {
      const hit = this.hit(event);
      return hit ? this.partOf(hit.object) : null;
    }

    // Tell *then* each part that is clicked, and what of it was hit; a hand that turns the product clicks nothing.
    clicked(then) {
      let down = null;
      this.model.addEventListener("pointerdown", (event) => { down = [event.clientX, event.clientY]; });
      this.model.addEventListener("pointerup", (event) => {
        const isStill = down && Math.hypot(event.clientX - down[0], event.clientY - down[1]) < MOVED;
        const hit = isStill ? this.hit(event) : null;
        const key = hit ? this.partOf(hit.object) : null;
        if (key !== null) then(key, hit);
      });
    }
  }

  // Geometry: the viewer is 1 MB, and a file may be large. Both are fetched when somebody asks for them.
  async function show(viewer, isAsked = false) {
    const button = viewer.querySelector("button");
    const said = viewer.querySelector("[role=status]");
    button.disabled = true;
    said.textContent = gettext("Loading…");
    // Its decoders of compressed meshes would compile WebAssembly. The Content-Security-Policy forbids that, so they are
    // told that this browser has none; Draco's then comes as a script.
    delete window.WebAssembly;
    const folder = new URL(".", new URL(viewer.dataset.draco, document.baseURI));
    self.ModelViewerElement ??= { dracoDecoderLocation: folder.href }; // it looks here as it loads
    try {
      await import(viewer.dataset.module);
    } catch {
      return sorry(viewer, gettext("The 3-D viewer could not be loaded. Reload the page."));
    }
    const model = document.createElement("model-viewer");
    const facts = {
      src: viewer.dataset.viewer, alt: viewer.dataset.alt, "camera-controls": "", "touch-action": "pan-y",
      "interaction-prompt": "none", "environment-image": "neutral", "shadow-intensity": "0.6", "camera-orbit": "35deg 65deg auto",
      "min-camera-orbit": "auto 0deg auto", "max-camera-orbit": "auto 180deg auto",
    };
    if (viewer.dataset.turned) facts.orientation = viewer.dataset.turned;
    for (const [name, value] of Object.entries(facts)) model.setAttribute(name, value);
    model.addEventListener("progress", (event) => {
      const percent = Math.round(100 * event.detail.totalProgress);
      said.textContent = event.detail.totalProgress < 1 ? interpolate(gettext("Loading %s"), [`${percent} %`]) : "";
    });
    model.addEventListener("load", () => {
      viewer.dataset.state = "shown";
      said.textContent = "";
      viewer.dispatchEvent(new CustomEvent("viewer:loaded", { detail: new Shown(model), bubbles: true }));
    });
    // The button that had the focus is gone: the viewer's place for the keyboard can be reached from then on.
    model.addEventListener("poster-dismissed", () => requestAnimationFrame(() => {
      const isFree = isAsked && [null, document.body].includes(document.activeElement);
      if (isFree) model.shadowRoot?.querySelector("[tabindex='0']")?.focus({ preventScroll: true });
    }));
    model.addEventListener("error", (event) => {
      const isLost = event.detail?.type === "webglcontextlost";
      if (isLost) return sorry(viewer, gettext("The graphics card lost the picture. Reload the page."));
      sorry(viewer, gettext("This geometry can't be shown here. Download it, or check that this browser supports WebGL."));
    });
    button.hidden = true;
    viewer.querySelector(".viewer-stage").append(model);
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
    cut();
  }

  // A turntable: the slider, or a hand on the picture, turns it frame by frame.
  function turn(player) {
    const [video, bar] = [player.querySelector("video"), player.querySelector(".player-bar")];
    const [button, slider, told] = [bar.querySelector("button"), bar.querySelector("input"), bar.querySelector("output")];
    const frames = Number(player.dataset.player);
    let wanted = null, held = null;

    function tell(frame) {
      slider.value = frame;
      const angle = Math.round((360 * (frame - 1)) / frames);
      told.textContent = interpolate(gettext("%s of %s, %s°"), [frame, frames, angle]);
      slider.setAttribute("aria-valuetext", told.textContent);
    }
    // One seek at a time: of the places that a hand passes meanwhile only the last counts.
    function go(frame) {
      video.pause();
      wanted = ((((frame - 1) % frames) + frames) % frames) + 1;
      tell(wanted);
      reach();
    }
    function reach() {
      if (wanted === null || video.seeking || !video.duration) return;
      video.currentTime = ((wanted - 0.5) / frames) * video.duration;
      wanted = null;
    }
    function follow() {
      if (video.paused) return;
      tell(Math.min(frames, Math.floor((video.currentTime / video.duration) * frames) + 1 || 1));
      requestAnimationFrame(follow);
    }
    // Somebody may stop it before it has begun: that is no error.
    const play = () => (video.paused ? video.play().catch(() => {}) : video.pause());

    slider.addEventListener("input", () => go(Number(slider.value)));
    button.addEventListener("click", play);
    video.addEventListener("seeked", reach);
    video.addEventListener("loadedmetadata", reach);
    video.addEventListener("play", () => { button.textContent = gettext("Pause"); follow(); });
    video.addEventListener("pause", () => { button.textContent = gettext("Play"); });
    video.addEventListener("pointerdown", (event) => {
      held = { x: event.clientX, frame: Number(slider.value), moved: false };
      video.setPointerCapture(event.pointerId);
    });
    video.addEventListener("pointermove", (event) => {
      if (!held) return;
      const share = (event.clientX - held.x) / video.clientWidth;
      if (held.moved ||= Math.abs(event.clientX - held.x) > 3) go(held.frame + Math.round(share * frames));
    });
    video.addEventListener("pointerup", () => { if (held && !held.moved) play(); held = null; });
    video.addEventListener("pointercancel", () => { held = null; });
    video.controls = false;
    tell(1);
  }

  // An animated picture has no pause of its own.
  function stoppable(player) {
    const [picture, image, button] = [player.querySelector("source"), player.querySelector("img"), player.querySelector("button")];
    const show = (moves) => {
      image.src = moves ? player.dataset.animated : button.dataset.still;
      button.textContent = moves ? gettext("Stop") : gettext("Play");
    };
    let moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    picture?.remove();
    show(moves);
    button.addEventListener("click", () => show((moves = !moves)));
  }

  async function copy(box) {
    const [input, said] = [box.querySelector("input"), box.querySelector("[role=status]")];
    input.select();
    let isCopied = false;
    try {
      await navigator.clipboard.writeText(input.value);
      isCopied = true;
    } catch { // no right to, or no HTTPS
      isCopied = document.execCommand("copy");
    }
    said.textContent = isCopied ? gettext("Copied") : gettext("Press Ctrl+C to copy it");
  }

  for (const player of document.querySelectorAll("[data-player]")) turn(player);
  for (const player of document.querySelectorAll("[data-animated]")) stoppable(player);
  for (const box of document.querySelectorAll("[data-copy]")) {
    box.querySelector("button").addEventListener("click", () => copy(box));
  }

  function viewers() {
    for (const viewer of document.querySelectorAll("[data-viewer]:not([data-state])")) {
      const button = viewer.querySelector("button");
      viewer.dataset.state = "";
      button.hidden = false;
      button.addEventListener("click", () => show(viewer, true));
      if ("auto" in viewer.dataset) show(viewer);
    }
  }
  document.addEventListener("viewers:more", viewers);
  viewers();
})();
