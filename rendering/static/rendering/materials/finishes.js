/* The 3-D viewer with the finishes of a product's parts; a part that is clicked is chosen, and a finish shows before it
   is saved. Without this script parts and finishes are two lists. gettext is Django's. */
"use strict";
(() => {
  const HIDDEN = "_hidden"; // in place of a finish

  const channels = (color) => [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16) / 255);
  const isColor = (text) => /^#[0-9a-f]{6}/i.test(text ?? "");

  // What a finish looks like on a CAD color: the picture of Blender in the viewer's simpler terms.
  function look(finish, cad) {
    const own = channels(finish.color);
    const from = isColor(cad) ? channels(cad) : own;
    const mean = isColor(finish.texture) ? channels(finish.texture) : [1, 1, 1];
    return own.map((one, at) => (one + (from[at] - one) * finish.tint) * mean[at]);
  }

  class Painted {
    constructor(shown, answer) {
      this.shown = shown;
      this.scene = shown.scene;
      this.finishes = answer.finishes;
      this.meshes = [];
      this.materials = new Map();
      this.names = new Map();
      this.chosen = new Map();
      for (const [key, color, name, slug] of answer.parts) {
        this.names.set(key, name);
        this.chosen.set(`${key} ${color.toLowerCase()}`, slug).set(key, slug);
      }
      this.scene?.traverse((object) => {
        if (!object.isMesh || !object.material?.color) return;
        const key = shown.partOf(object);
        if (key !== null) this.meshes.push({ object, key, cad: (object.material.userData?.cad_color ?? "").toLowerCase(), plain: object.material });
      });
    }

    material(plain, slug, cad, isMarked) {
      const name = `${plain.uuid} ${slug} ${cad} ${isMarked}`;
      if (!this.materials.has(name)) {
        const finish = this.finishes[slug];
        const made = plain.clone();
        if (finish) {
          const [red, green, blue] = look(finish, cad);
          made.color.setRGB(red, green, blue, "srgb");
          made.metalness = finish.metallic;
          made.roughness = finish.roughness;
          made.transparent = finish.transmission > 0.5;
          made.opacity = made.transparent ? 0.35 : 1;
        }
        if (isMarked) made.emissive?.setRGB(0.05, 0.2, 0.45);
        this.materials.set(name, made);
      }
      return this.materials.get(name);
    }

    // *wanted*: what a part gets instead, by its key; *marked*: whether it is the chosen one.
    paint(wanted = () => null, marked = () => false) {
      for (const { object, key, cad, plain } of this.meshes) {
        const slug = wanted(key) ?? this.chosen.get(`${key} ${cad}`) ?? this.chosen.get(key);
        object.visible = slug !== HIDDEN;
        if (object.visible) object.material = this.material(plain, slug, cad, marked(key));
      }
      this.scene?.queueRender();
    }
  }

  function choosing(form, painted) {
    const said = form.querySelector(".assign-said");
    const radios = [...form.querySelectorAll("[name=part]")];
    const value = (name) => form.querySelector(`[name=${name}]:checked`)?.value ?? "";

    function show() {
      const [key, finish] = [value("part"), value("finish")];
      const name = form.querySelector("[name=part]:checked")?.dataset.name;
      const isAll = value("scope") === "name";
      const isMeant = (one) => key !== "" && (one === key || (isAll && painted.names.get(one) === name));
      painted?.paint((one) => (finish && isMeant(one) ? finish : null), (one) => !finish && isMeant(one));
      const label = form.querySelector("[name=finish]:checked")?.closest("label").textContent.trim();
      if (name) said.textContent = label ? interpolate(gettext("%s: %s, not saved yet"), [name, label]) : name;
    }

    if (painted) {
      painted.shown.clicked((key) => {
        const radio = radios.find((one) => one.dataset.name === painted.names.get(key));
        if (!radio) return;
        radio.value = key;
        radio.checked = true;
        radio.closest("label").scrollIntoView({ block: "nearest" });
        show();
      });
    }
    form.onchange = show;
    show();
  }

  document.addEventListener("viewer:loaded", async (event) => {
    const host = event.target;
    if (!host.dataset.finishes) return;
    const form = document.querySelector("[data-assign]");
    try {
      const response = await fetch(host.dataset.finishes, { credentials: "same-origin" });
      if (!response.ok) return;
      const painted = new Painted(event.detail, await response.json());
      painted.paint();
      host.dataset.painted = painted.meshes.length;
      if (form) choosing(form, painted);
      else if (host.dataset.pick) painted.shown.clicked((key) => {
        const spot = new URLSearchParams(host.dataset.spot); // for a label there
        location.assign(`${host.dataset.pick}?${new URLSearchParams([["part", key], ...spot])}`);
      });
    } catch {
      // The CAD colors are shown.
    }
  });
  const form = document.querySelector("[data-assign]");
  if (form) {
    form.querySelector("[name=part]:checked")?.closest("label").scrollIntoView({ block: "nearest" });
    choosing(form, null);
  }
})();
