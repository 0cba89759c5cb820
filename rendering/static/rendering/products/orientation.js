/* How a product stands: the choice and the turns by hand are shown in the 3-D viewer before they are saved. Without
   this script they are two lists. gettext is Django's. */
"use strict";
(() => {
  const QUARTERS = { x: "x-zy", y: "zy-x", z: "-yxz" }; // counter-clockwise, seen from where the axis points
  const bar = document.querySelector("[data-orientations]");
  if (!bar) return;
  const viewer = bar.closest(".viewer");
  const choices = JSON.parse(bar.dataset.orientations);
  const [choice, turn] = [document.getElementById("id_orientation"), document.getElementById("id_turn")];
  const words = document.querySelector(".orientation-words");

  const rows = (code) => [...(code || "xyz").matchAll(/(-?)([xyz])/g)].map(([, sign, axis]) => [sign ? -1 : 1, "xyz".indexOf(axis)]);
  const spelled = (found) => {
    const code = found.map(([sign, axis]) => (sign < 0 ? "-" : "") + "xyz"[axis]).join("");
    return code === "xyz" ? "" : code;
  };
  const after = (one, other) => rows(other).map(([sign, at]) => [sign * rows(one)[at][0], rows(one)[at][1]]);

  // The viewer has Y up: its angles are about Y, then X, then Z.
  function angles() {
    const base = choices[choice?.value ?? bar.dataset.orientation]?.rotation ?? [];
    const from = base.length ? [0, 3, 6].map((at) => base.slice(at, at + 3)) : [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
    const [x, y, z] = rows(turn?.value ?? bar.dataset.turn).map(([sign, at]) => from[at].map((one) => sign * one));
    const over = ([right, back, up]) => [right, up, -back];
    const m = [over(x), over(z), over(y).map((one) => -one)];
    const level = Math.abs(m[1][2]) < 0.9999999;
    const pitch = Math.asin(Math.max(-1, Math.min(1, -m[1][2])));
    const yaw = level ? Math.atan2(m[0][2], m[2][2]) : Math.atan2(-m[2][0], m[0][0]);
    const roll = level ? Math.atan2(m[1][0], m[1][1]) : 0;
    return [roll, pitch, yaw].map((one) => `${one.toFixed(6)}rad`).join(" ");
  }

  function show() {
    viewer.dataset.turned = angles();
    const model = viewer.querySelector("model-viewer");
    model?.setAttribute("orientation", viewer.dataset.turned);
    model?.updateFraming?.();
    if (words && choice) words.textContent = choices[choice.value]?.words ?? "";
  }

  function quarter(axis) {
    turn.value = axis ? spelled(after(turn.value, QUARTERS[axis])) : "";
    show();
    if (!viewer.querySelector("model-viewer")) viewer.querySelector(".viewer-stage button")?.click();
  }

  show();
  if (!choice || !turn) return;
  choice.addEventListener("change", show);
  turn.addEventListener("change", show);
  for (const button of bar.querySelectorAll("button")) button.addEventListener("click", () => quarter(button.dataset.axis));
  bar.hidden = false;
})();
