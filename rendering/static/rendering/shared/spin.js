/* A spin: the pictures of one turn, which a hand, the arrow keys or a slider turns; or of several, one above the other,
   between which they move up and down. It stands alone, so that a shop's page can have it too:
   <div data-spin="FOLDER/spin.json" data-words='{"frame": "Frame", "row": "Height", "pause": "Pause", "play": "Play"}'>
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
    const rows = said.rows;
    const count = said.frames / rows;
    const first = said.first ?? 0;
    const images = size.files.map(() => new Image());
    const load = (number) => { images[number].src = new URL(size.files[number], folder); };
    const [bar, button, slider, height] = ["div", "button", "input", "input"].map((name) => document.createElement(name));
    let at = 0, row = Math.floor(first / count), held = null, timer = 0;

    // The row that is shown comes first.
    for (let number = 0; number < count; number++) load(row * count + number);
    for (let number = 0; number < said.frames; number++) if (Math.floor(number / count) !== row) load(number);

    function show(frame, level = row) {
      at = ((frame % count) + count) % count;
      row = Math.min(rows - 1, Math.max(0, level));
      const image = images[row * count + at];
      if (image.complete && image.naturalWidth) picture.src = image.src;
      else image.addEventListener("load", () => { if (images[row * count + at] === image) picture.src = image.src; }, { once: true });
      slider.value = at + 1;
      slider.setAttribute("aria-valuetext", `${at + 1} / ${count}`);
      height.value = row + 1;
      height.setAttribute("aria-valuetext", said.elevations ? `${said.elevations[row]}°` : "");
    }
    function step(event, across, up) {
      if (!across && !up) return;
      event.preventDefault();
      play(false);
      show(at + across, row + up);
    }
    function play(moves) {
      clearInterval(timer);
      timer = moves ? setInterval(() => show(at + 1), (1000 * TURN_SECONDS) / count) : 0;
      button.textContent = moves ? words.pause : words.play;
    }

    bar.className = "spin-bar";
    button.type = "button";
    Object.assign(slider, { type: "range", min: 1, max: count, value: 1 });
    Object.assign(height, { type: "range", min: 1, max: rows, value: row + 1, hidden: rows === 1 });
    slider.setAttribute("aria-label", words.frame);
    height.setAttribute("aria-label", words.row);
    slider.addEventListener("input", () => { play(false); show(slider.value - 1); });
    height.addEventListener("input", () => { play(false); show(at, height.value - 1); });
    // The slider itself ends at the last picture; a turn does not.
    slider.addEventListener("keydown", (event) => {
      const across = { ArrowLeft: -1, ArrowRight: 1 }[event.key] ?? 0;
      const up = { ArrowDown: -1, ArrowUp: 1 }[event.key] ?? 0;
      step(event, rows > 1 ? across : across + up, rows > 1 ? up : 0);
    });
    button.addEventListener("click", () => play(!timer));
    picture.addEventListener("pointerdown", (event) => {
      held = { x: event.clientX, y: event.clientY, frame: at, row };
      play(false);
      picture.setPointerCapture(event.pointerId);
    });
    picture.addEventListener("pointermove", (event) => {
      if (!held) return;
      const across = Math.round(((event.clientX - held.x) / picture.clientWidth) * count);
      // Who pulls the product down sees more of its top.
      show(held.frame + across, held.row + Math.round(((event.clientY - held.y) / picture.clientHeight) * rows));
    });
    for (const name of ["pointerup", "pointercancel"]) picture.addEventListener(name, () => { held = null; });
    picture.addEventListener("dragstart", (event) => event.preventDefault());
    bar.append(button, slider, height);
    spin.append(bar);
    spin.dataset.state = "shown";
    spin.dataset.rows = rows;
    show(first % count);
    await Promise.allSettled(images.slice(first, first + count).map((image) => image.decode()));
    play(!held && !matchMedia("(prefers-reduced-motion: reduce)").matches && "auto" in spin.dataset);
  }

  // Without the pictures, the first one stays.
  for (const spin of document.querySelectorAll("[data-spin]")) begin(spin).catch(() => { spin.dataset.state = "failed"; });
})();
