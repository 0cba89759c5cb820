/* Moves of an exploded view by hand: a click on a part chooses its row, and a drag on a chosen part moves it along one
   axis; elsewhere the hand turns the product. Without this script the moves are numbers. gettext is Django's. */
"use strict";
(() => {
  const STARTS = 5; // px
  const MM = 0.001; // the viewer counts in meters and has Y up
  const AXES = { x: [MM, 0, 0], y: [0, 0, -MM], z: [0, MM, 0] };
  const host = document.querySelector(".exploded [data-viewer]");
  const said = document.querySelector(".exploded-chosen");
  const rows = [...document.querySelectorAll(".exploded-moves tr[data-parts]")].map((row) => ({
    row, parts: JSON.parse(row.dataset.parts), inputs: Object.fromEntries(Object.keys(AXES).map((axis) => [axis, row.querySelector(`[name$="-${axis}"]`)])),
  }));
  if (!host || !rows.length || rows[0].inputs.x.disabled) return;

  class Moved {
    constructor(shown) {
      this.shown = shown;
      this.byKey = new Map(); // a part may move more than once: with its subassembly, then by itself
      for (const one of rows) {
        Object.assign(one, { nodes: [], was: this.numbers(one) });
        for (const key of one.parts) this.byKey.set(key, [...(this.byKey.get(key) ?? []), one]);
      }
      shown.scene.traverse((object) => {
        const moves = this.byKey.get(object.userData?.part_key) ?? [];
        for (const one of moves) one.nodes.push({ object, moves, from: object.position.clone() });
      });
    }

    rowOf(key) {
      return [...(this.byKey.get(key) ?? [])].sort((one, other) => one.parts.length - other.parts.length)[0] ?? null;
    }

    numbers(one) {
      return Object.fromEntries(Object.entries(one.inputs).map(([axis, input]) => [axis, Number(input.value) || 0]));
    }

    // Show each part where the numbers say, from where the file has it.
    show(one) {
      for (const { object, moves, from } of one.nodes) {
        const to = object.parent.localToWorld(from.clone());
        for (const move of moves) {
          const now = this.numbers(move);
          for (const [axis, by] of Object.entries(AXES)) to.add(from.clone().fromArray(by).multiplyScalar(now[axis] - move.was[axis]));
        }
        object.position.copy(object.parent.worldToLocal(to));
      }
      this.shown.scene.queueRender();
    }

    // How many px the part goes on the screen by a mm along an axis.
    onScreen(one, axis) {
      const camera = this.shown.scene.getCamera();
      const box = this.shown.model.getBoundingClientRect();
      const start = one.nodes[0].object.getWorldPosition(one.nodes[0].from.clone());
      const end = start.clone().add(start.clone().fromArray(AXES[axis]));
      const [a, b] = [start.project(camera), end.project(camera)];
      return [((b.x - a.x) * box.width) / 2, (-(b.y - a.y) * box.height) / 2];
    }
  }

  function choose(one) {
    for (const { row } of rows) row.classList.toggle("is-chosen", row === one.row);
    one.row.scrollIntoView({ block: "nearest" });
    said.textContent = interpolate(gettext("%s: drag it along an axis, or write its numbers"), [one.row.dataset.name]);
  }

  host.addEventListener("viewer:loaded", (event) => {
    const moved = new Moved(event.detail);
    let held = null, chosen = null;

    for (const one of rows) for (const input of Object.values(one.inputs)) input.addEventListener("input", () => moved.show(one));

    // Before the viewer sees them: what moves a part doesn't turn the product.
    host.addEventListener("pointerdown", (down) => {
      const key = down.isPrimary && down.target === event.detail.model ? event.detail.at(down) : null;
      const one = key === null ? null : moved.rowOf(key);
      held = one ? { one, x: down.clientX, y: down.clientY, axis: null, from: moved.numbers(one), isChosen: one === chosen } : null;
      if (!held?.isChosen) return;
      down.stopPropagation();
      host.setPointerCapture(down.pointerId);
    }, { capture: true });
    host.addEventListener("pointermove", (move) => {
      if (!held?.isChosen) return;
      const way = [move.clientX - held.x, move.clientY - held.y];
      const length = Math.hypot(...way);
      if (!held.axis && length < STARTS) return;
      const along = (axis) => {
        const [x, y] = moved.onScreen(held.one, axis);
        const size = Math.hypot(x, y);
        return { axis, px: (way[0] * x + way[1] * y) / (size || 1), size };
      };
      held.axis ??= Object.keys(AXES).map(along).sort((a, b) => Math.abs(b.px) - Math.abs(a.px))[0].axis;
      const { px, size } = along(held.axis);
      const input = held.one.inputs[held.axis];
      if (!size) return;
      input.value = (held.from[held.axis] + px / size).toFixed(1);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
    host.addEventListener("pointerup", (up) => {
      const isClick = held && Math.hypot(up.clientX - held.x, up.clientY - held.y) < STARTS;
      if (isClick && !held.isChosen) choose((chosen = held.one));
      if (held?.axis) held.one.inputs[held.axis].dispatchEvent(new Event("change", { bubbles: true }));
      held = null;
    }, { capture: true });
    host.addEventListener("pointercancel", () => { held = null; });
    said.textContent = gettext("Click a part to choose it.");
    host.dataset.moves = rows.filter((one) => one.nodes.length).length;
  });
})();
