/* Labels in the 3-D viewer: the spot that is clicked becomes a place in mm on a side of its part, and the form of a label
   shows where it will lie, as blender_scripts/stage/labels.py lays it. Without this script a place is numbers, and from a
   part leads a link for its middle. gettext is Django's. */
"use strict";
(() => {
  const MM = 0.001;
  const FACING = 0.5; // cosine: what looks farther away from the side is not covered
  const STEP = 0.15;
  const LOOKS = [-3, -2, -1, 0, 1, 2, 3].map((one) => STEP * one); // where below the label its part is looked for
  const LARGEST = 1024; // px of a picture's side in the view
  const ORBITS = { // how the camera stands to see a side
    front: "20deg 75deg auto", back: "200deg 75deg auto", left: "-70deg 75deg auto", right: "110deg 75deg auto",
    top: "15deg 25deg auto", bottom: "15deg 155deg auto",
  };
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
  const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
  const plus = (a, b, by = 1) => a.map((one, at) => one + b[at] * by);
  const unit = (a) => a.map((one) => one / (Math.hypot(...a) || 1));

  // The parts of a geometry, in meters and in the axes of its file, but with Y up as the viewer has it.
  class Faces {
    constructor(shown, sides) {
      this.shown = shown;
      this.root = shown.scene.models[0];
      this.known = new Map();
      this.sides = new Map(Object.entries(sides).map(([name, given]) => {
        const [normal, up] = given.map(([x, y, z]) => [x, z, -y]);
        return [name, { normal, up, right: cross(up, normal) }];
      }));
    }

    // Where a part with this key is placed; null for none.
    placeOf(key) {
      let found = null;
      this.root.traverse((one) => { if (one.userData?.part_key === key && this.measured(one).corners.length) found ??= one; });
      return found;
    }

    place(object) {
      let one = object;
      while (one.userData?.part_key === undefined) one = one.parent;
      return one;
    }

    // The corners of all triangles of a place, nine numbers each, and the box around them. A part may have a million.
    measured(place) {
      if (this.known.has(place)) return this.known.get(place);
      const meshes = [];
      place.traverse((one) => { if (one.isMesh && !one.userData.noHit && this.place(one) === place) meshes.push(one); });
      const count = ({ geometry: { index, attributes } }) => (index ?? attributes.position).count;
      const corners = new Float32Array(3 * meshes.reduce((sum, one) => sum + count(one), 0));
      const [least, most] = [[Infinity, Infinity, Infinity], [-Infinity, -Infinity, -Infinity]];
      this.root.updateWorldMatrix(true, false);
      let to = 0;
      for (const mesh of meshes) {
        mesh.updateWorldMatrix(true, false);
        const { index, attributes: { position } } = mesh.geometry;
        const led = this.root.matrixWorld.clone().invert().multiply(mesh.matrixWorld).elements;
        const order = mesh.matrixWorld.determinant() < 0 ? [0, 2, 1] : [0, 1, 2];
        for (let at = 0; at < count(mesh); at += 1) {
          const corner = at - (at % 3) + order[at % 3];
          const from = index ? index.getX(corner) : corner;
          const x = position.getX(from);
          const y = position.getY(from);
          const z = position.getZ(from);
          for (let axis = 0; axis < 3; axis += 1, to += 1) {
            const value = led[axis] * x + led[axis + 4] * y + led[axis + 8] * z + led[axis + 12];
            corners[to] = value;
            if (value < least[axis]) least[axis] = value;
            if (value > most[axis]) most[axis] = value;
          }
        }
      }
      const found = { corners, middle: plus(least, most).map((one) => one / 2), size: plus(most, least, -1) };
      this.known.set(place, found);
      return found;
    }

    // Which side what was hit faces most, and where on it, in mm from the middle of its part's box.
    spot({ object, point, face }) {
      const local = (vector) => this.root.worldToLocal(vector).toArray();
      const at = local(point.clone());
      const [a, b, c] = [face.a, face.b, face.c].map((one) => local(object.localToWorld(object.getVertexPosition(one, point.clone()))));
      const normal = cross(plus(b, a, -1), plus(c, a, -1));
      const eye = plus(local(this.shown.scene.getCamera().getWorldPosition(point.clone())), at, -1);
      const facing = ([, side]) => dot(side.normal, normal) * Math.sign(dot(normal, eye));
      const [name, { right, up }] = [...this.sides].sort((one, other) => facing(other) - facing(one))[0];
      const from = plus(at, this.measured(this.place(object)).middle, -1);
      const mm = (axis) => Number((dot(from, axis) / MM).toFixed(2));
      return { side: name, x: mm(right), y: mm(up) };
    }

    // What a label covers of a place: corners, one normal each and places in the picture; and how far its middle lies
    // below what is highest there, in mm (null: beside the part).
    covered(place, { side, mm, x, y, turn, reach, ratio }) {
      const { normal, up, right } = this.sides.get(side);
      const angle = (turn * Math.PI) / 180;
      const across = plus(right.map((one) => one * Math.cos(angle)), up, Math.sin(angle));
      const above = plus(up.map((one) => one * Math.cos(angle)), right, -Math.sin(angle));
      const { corners, middle: center } = this.measured(place);
      const middle = plus(plus(center, right, x * MM), up, y * MM);
      const [width, height] = [mm * MM, mm * MM * ratio];
      const rows = [[across, width], [above, height], [normal, 1]].map(([axis, by]) => axis.map((one) => one / by));
      const shifts = rows.map((row) => dot(row, middle));
      const led = (at, axis) => corners[at] * rows[axis][0] + corners[at + 1] * rows[axis][1] + corners[at + 2] * rows[axis][2] - shifts[axis];
      const points = (at) => [at, at + 3, at + 6].map((one) => [led(one, 0), led(one, 1), led(one, 2)]);
      const near = this.near(corners, rows, shifts);
      const heights = new Float64Array(LOOKS.length ** 2).fill(-Infinity);
      for (const at of near) raise(heights, points(at));
      const found = { positions: [], normals: [], uvs: [], below: null };
      const face = Math.max(...heights);
      if (face === -Infinity) return found;
      const below = (face - heights[(heights.length - 1) / 2]) / MM;
      found.below = Number.isFinite(below) ? below : null;
      const bounds = [[0, 1, 0.5], [0, -1, 0.5], [1, 1, 0.5], [1, -1, 0.5], [2, 1, face + reach * MM], [2, -1, reach * MM - face]];
      const corner = (at) => [corners[at], corners[at + 1], corners[at + 2]];
      for (const at of near) {
        const a = corner(at);
        const looks = unit(cross(plus(corner(at + 3), a, -1), plus(corner(at + 6), a, -1)));
        if (dot(looks, normal) <= FACING) continue;
        const cut = bounds.reduce(within, points(at));
        for (let last = 2; last < cut.length; last += 1) {
          for (const [u, v, out] of [cut[0], cut[last - 1], cut[last]]) {
            for (let axis = 0; axis < 3; axis += 1) {
              found.positions.push(middle[axis] + across[axis] * u * width + above[axis] * v * height + normal[axis] * out);
              found.normals.push(looks[axis]);
            }
            found.uvs.push(u + 0.5, v + 0.5);
          }
        }
      }
      return found;
    }

    // Where the triangles begin that reach into a label's rectangle.
    near(corners, [[ux, uy, uz], [vx, vy, vz]], [us, vs]) {
      const found = [];
      for (let at = 0; at < corners.length; at += 9) {
        let leftmost = Infinity, rightmost = -Infinity, lowest = Infinity, highest = -Infinity;
        for (let one = at; one < at + 9; one += 3) {
          const u = corners[one] * ux + corners[one + 1] * uy + corners[one + 2] * uz - us;
          const v = corners[one] * vx + corners[one + 1] * vy + corners[one + 2] * vz - vs;
          if (u < leftmost) leftmost = u;
          if (u > rightmost) rightmost = u;
          if (v < lowest) lowest = v;
          if (v > highest) highest = v;
        }
        if (leftmost <= 0.5 && rightmost >= -0.5 && lowest <= 0.5 && highest >= -0.5) found.push(at);
      }
      return found;
    }
  }

  // Raise what is known of the heights at the places of LOOKS to those of one more triangle.
  function raise(heights, [a, b, c]) {
    const looks = (axis) => [
      Math.max(0, Math.ceil((Math.min(a[axis], b[axis], c[axis]) - LOOKS[0]) / STEP - 1e-6)),
      Math.min(LOOKS.length - 1, Math.floor((Math.max(a[axis], b[axis], c[axis]) - LOOKS[0]) / STEP + 1e-6)),
    ];
    const [[left, right], [low, high]] = [looks(0), looks(1)];
    if (left > right || low > high) return; // most of a fine mesh lie between all places
    const area = (b[0] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (b[1] - a[1]);
    for (let i = left; i <= right; i += 1) {
      for (let j = low; j <= high; j += 1) {
        const s = ((LOOKS[i] - a[0]) * (c[1] - a[1]) - (c[0] - a[0]) * (LOOKS[j] - a[1])) / area;
        const t = ((b[0] - a[0]) * (LOOKS[j] - a[1]) - (LOOKS[i] - a[0]) * (b[1] - a[1])) / area;
        if (!(s >= -1e-9 && t >= -1e-9 && s + t <= 1 + 1e-9)) continue;
        const at = i * LOOKS.length + j;
        heights[at] = Math.max(heights[at], a[2] + s * (b[2] - a[2]) + t * (c[2] - a[2]));
      }
    }
  }

  // What of a polygon lies on this side of a plane.
  function within(points, [axis, way, most]) {
    const over = (one) => way * one[axis] - most;
    if (points.every((one) => over(one) <= 0)) return points;
    return points.flatMap((one, at) => {
      const before = points.at(at - 1);
      const [here, there] = [over(one), over(before)];
      const edge = here > 0 === there > 0 ? [] : [plus(before, plus(one, before, -1), there / (there - here))];
      return here > 0 ? edge : [...edge, one];
    });
  }

  // The picture as it will be on the part: ink, or shadow where it is dark; without one, where it will be.
  function drawn(image, isEngraved) {
    const canvas = document.createElement("canvas");
    const scale = image ? Math.min(1, LARGEST / Math.max(image.naturalWidth, image.naturalHeight)) : 1;
    [canvas.width, canvas.height] = image ? [image.naturalWidth, image.naturalHeight].map((one) => Math.max(1, Math.round(one * scale))) : [64, 64];
    const pen = canvas.getContext("2d");
    if (!image) {
      pen.fillStyle = "rgb(30 110 230 / 60%)";
      pen.fillRect(0, 0, 64, 64);
      pen.fillStyle = "#fff";
      for (const at of [[30, 16, 4, 32], [16, 30, 32, 4]]) pen.fillRect(...at);
      return canvas;
    }
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    if (!isEngraved) return canvas;
    const pixels = pen.getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < pixels.data.length; at += 4) {
      const light = (0.2126 * pixels.data[at] + 0.7152 * pixels.data[at + 1] + 0.0722 * pixels.data[at + 2]) / 255;
      pixels.data.fill(0, at, at + 3);
      pixels.data[at + 3] *= 0.45 * (1 - light);
    }
    pen.putImageData(pixels, 0, 0);
    return canvas;
  }

  // A label as a mesh of its own on its part. The viewer keeps three.js to itself: what it is made of is asked of others.
  class Decal {
    constructor(faces) {
      this.faces = faces;
      this.mesh = null;
    }

    clear() {
      if (!this.mesh) return;
      this.mesh.removeFromParent();
      for (const one of [this.mesh.geometry, this.mesh.material.map, this.mesh.material]) one.dispose();
      this.mesh = null;
    }

    show(place, { positions, normals, uvs }, canvas) {
      this.clear();
      const { scene } = this.faces.shown;
      let like = null;
      place.traverse((one) => { if (one.isMesh) like ??= one; });
      if (!positions.length || !scene.environment) return;
      const Attribute = (like.geometry.index ?? like.geometry.attributes.position).constructor;
      const geometry = new like.geometry.constructor();
      for (const [name, numbers, size] of [["position", positions, 3], ["normal", normals, 3], ["uv", uvs, 2]]) {
        geometry.setAttribute(name, new Attribute(new Float32Array(numbers), size));
      }
      const map = new scene.environment.constructor(canvas);
      Object.assign(map, { colorSpace: "srgb", anisotropy: 8, needsUpdate: true });
      const material = like.material.clone();
      material.color.setRGB(1, 1, 1);
      material.emissive?.setRGB(0, 0, 0);
      Object.assign(material, {
        map, transparent: true, opacity: 1, metalness: 0, roughness: 0.45, vertexColors: false, depthWrite: false,
        polygonOffset: true, polygonOffsetFactor: -4, polygonOffsetUnits: -8,
      });
      this.mesh = new like.constructor(geometry, material);
      this.mesh.userData.noHit = true; // a click goes through it
      this.faces.root.add(this.mesh);
      scene.queueRender();
    }
  }

  // The form of a label: a click on the product places it, and what the fields say is shown.
  function placing(panel, host, faces) {
    const form = panel.closest("form");
    const said = panel.querySelector(".label-said");
    const decal = new Decal(faces);
    const number = (name) => (form.elements[name].value.trim() === "" ? NaN : Number(form.elements[name].value));
    const text = (name) => form.elements[name].value;
    let picture = { source: "", image: null };
    let seen = "";
    let waiting = 0;
    let took = 0; // ms

    function fill(values) {
      for (const [name, value] of Object.entries(values)) form.elements[name].value = value;
      form.dispatchEvent(new Event("input"));
    }

    async function pictured() {
      const source = text("picture") ? panel.dataset.picture.replace("/0/", `/${text("picture")}/`) : "";
      if (source === picture.source) return picture.image;
      const image = new Image();
      picture = { source, image: null };
      if (!source) return null;
      image.src = source;
      try {
        await image.decode();
        if (picture.source === source) picture.image = image;
      } catch {
        // Where it will lie is shown without it.
      }
      return picture.image;
    }

    // A third of the side is a width to begin with.
    function width(place, { right, up }) {
      const { size } = faces.measured(place);
      const smaller = Math.min(...[right, up].map((axis) => Math.abs(dot(size, axis)))) / MM / 3;
      return Number(Math.max(0.1, smaller).toPrecision(2));
    }

    async function draw() {
      const image = await pictured();
      if (!panel.isConnected) return; // another product's view has come
      const place = faces.placeOf(text("part_key"));
      const side = faces.sides.get(text("side"));
      decal.clear();
      said.textContent = "";
      host.dataset.labelled = "";
      faces.shown.scene.queueRender();
      if (!place || !side) {
        if (text("part_key") && !place) said.textContent = gettext("The product has no part with this key.");
        return;
      }
      const values = Object.fromEntries(["mm", "x", "y", "turn", "reach"].map((name) => [name, number(name)]));
      form.elements.mm.placeholder = width(place, side);
      if (Number.isNaN(values.mm)) values.mm = Number(form.elements.mm.placeholder);
      if (!(values.mm > 0) || !Object.values(values).every(Number.isFinite)) return;
      const ratio = image ? image.naturalHeight / image.naturalWidth : 1;
      const began = performance.now();
      const covered = faces.covered(place, { ...values, side: text("side"), ratio });
      decal.show(place, covered, drawn(image, number("depth") > 0));
      took = performance.now() - began;
      host.dataset.labelled = covered.positions.length / 9;
      said.textContent = words(covered, values);
      if (seen !== `${text("part_key")} ${text("side")}`) faces.shown.model.cameraOrbit = ORBITS[text("side")];
      seen = `${text("part_key")} ${text("side")}`;
    }

    function words({ positions, below }, { reach }) {
      if (!positions.length) return gettext("The label lies beside the part. Move it onto the part.");
      if (below === null) return gettext("The middle of the label lies beside the part.");
      if (below <= reach) return "";
      const [depth, enough] = [below, Math.ceil(10 * below) / 10].map((one) => one.toFixed(1));
      return interpolate(gettext("The middle of the label lies %s mm below what is highest under it: a reach of %s mm covers it."), [depth, enough]);
    }

    faces.shown.model.disableTap = true; // a click would move the camera
    faces.shown.clicked((key, hit) => {
      const spot = faces.spot(hit);
      seen = `${key} ${spot.side}`; // somebody looks at it already
      fill({ part_key: key, ...spot });
    });
    // What takes long waits until nothing is typed for as long.
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(draw, took > 50 ? took : 0);
    });
    window.django?.jQuery?.("#id_picture").on("change", draw);
    faces.shown.model.addEventListener("environment-change", draw);
    draw();
  }

  // Where finishes are chosen: the link follows the part, and the spot that is clicked.
  const here = document.querySelector("[data-label-here]");
  function lead(key, spot) {
    here.hidden = false;
    here.href = `${here.dataset.labelHere}&${new URLSearchParams({ part_key: key, ...spot })}`;
  }
  if (here) document.querySelector("[data-assign]").addEventListener("change", ({ target }) => {
    if (target.name === "part") lead(target.value, { side: "front" });
  });

  document.addEventListener("viewer:loaded", (event) => {
    const host = event.target;
    if (!host.dataset.sides) return;
    const faces = new Faces(event.detail, JSON.parse(host.dataset.sides));
    const panel = host.closest("[data-label-place]");
    if (panel) return placing(panel, host, faces);
    event.detail.clicked((key, hit) => {
      const spot = faces.spot(hit);
      host.dataset.spot = new URLSearchParams(spot);
      if (here) lead(key, spot);
      else if (!host.dataset.pick) location.assign(`${host.dataset.label}&${new URLSearchParams({ part_key: key, ...spot })}`);
    });
  });

  // Another product, another view of it. The admin says "change" where nothing was changed, too.
  let product = document.querySelector("#label_form #id_product")?.value;
  window.django?.jQuery?.("#label_form #id_product").on("change", async ({ target }) => {
    if (target.value === product) return;
    const mine = (product = target.value);
    try {
      const response = await fetch(`?${new URLSearchParams({ product })}`, { credentials: "same-origin" });
      const fresh = new DOMParser().parseFromString(await response.text(), "text/html").querySelector("[data-label-place]");
      if (!response.ok || !fresh || mine !== product) return;
      document.querySelector("[data-label-place]").replaceWith(document.importNode(fresh, true));
      document.dispatchEvent(new Event("viewers:more"));
    } catch {
      // The network is away: the numbers can be written without the view.
    }
  });
})();
