/* A spin: the pictures of one turn, which a hand, the arrow keys or a slider turns. It stands alone, so that a shop's page
   can have it too: <div data-spin="FOLDER/spin.json" data-words='{"frame": "Frame", "pause": "Pause", "play": "Play"}'>
   with a picture in it, which is shown until the others are there and where scripts do not run. */
"use strict";
(() => {
  const TURN_SECONDS = 8;

  async function begin(spin) {
    const words = JSON.parse(spin.dataset.words);
    const picture = spin.querySelector("img");
    const folder = new URL(".", new URL(spin.dataset.spin, document.baseURI));
    const said = await (await fetch(spin.dataset.spin, { credentials: "same-origin" })).json();
    const needed = spin.clientWidth * devicePixelRatio;
    const size = said.sizes.findLast((one) => one.width >= needed) ?? said.sizes[0];
    const count = said.frames;
    const images = size.files.map((name, number) => {
      const image = number ? new Image() : picture;
      image.src = new URL(name, folder);
      return image;
    });
    const [bar, button, slider] = ["div", "button", "input"].map((name) => document.createElement(name));
    let at = 0, held = null, timer = 0;

    function show(frame) {
      at = ((frame % count) + count) % count;
      if (images[at].complete) picture.src = images[at].src;
      slider.value = at + 1;
      slider.setAttribute("aria-valuetext", `${at + 1} / ${count}`);
    }
    function play(moves) {
      clearInterval(timer);
      timer = moves ? setInterval(() => show(at + 1), (1000 * TURN_SECONDS) / count) : 0;
      button.textContent = moves ? words.pause : words.play;
    }

    bar.className = "spin-bar";
    button.type = "button";
    Object.assign(slider, { type: "range", min: 1, max: count, value: 1 });
    slider.setAttribute("aria-label", words.frame);
    slider.addEventListener("input", () => { play(false); show(slider.value - 1); });
    // The slider itself ends at the last picture; a turn does not.
    slider.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!step) return;
      event.preventDefault();
      play(false);
      show(at + step);
    });
    button.addEventListener("click", () => play(!timer));
    picture.addEventListener("pointerdown", (event) => {
      held = { x: event.clientX, frame: at };
      play(false);
      picture.setPointerCapture(event.pointerId);
    });
    picture.addEventListener("pointermove", (event) => {
      if (held) show(held.frame + Math.round(((event.clientX - held.x) / picture.clientWidth) * count));
    });
    for (const name of ["pointerup", "pointercancel"]) picture.addEventListener(name, () => { held = null; });
    picture.addEventListener("dragstart", (event) => event.preventDefault());
    bar.append(button, slider);
    spin.append(bar);
    spin.dataset.state = "shown";
    show(0);
    await Promise.allSettled(images.map((image) => image.decode()));
    play(!held && !matchMedia("(prefers-reduced-motion: reduce)").matches && "auto" in spin.dataset);
  }

  // Without the pictures, the first one stays.
  for (const spin of document.querySelectorAll("[data-spin]")) begin(spin).catch(() => { spin.dataset.state = "failed"; });
})();
