/* CAD files are sent one by one, two at a time; each has a row with its progress, its answer and its conversion.
   Without this script the form sends them all in one request. gettext is Django's, from the page's catalog. */
"use strict";
(() => {
  const form = document.getElementById("upload");
  if (!form) return;
  const AT_ONCE = 2;
  const input = form.querySelector("input[type=file]");
  const panel = document.getElementById("uploads");
  const list = panel.querySelector("ul");
  const said = document.getElementById("uploads-said");
  const blank = document.getElementById("uploads-row");
  const limit = Number(form.dataset.limitMb) * 1e6;
  const rows = [];

  const PLAIN = {
    0: gettext("The connection was lost. Check the network, then try again."),
    403: gettext("You may not upload, or you have been logged out. Log in again in another tab, then try again."),
    413: gettext("The web server refused it as too large. Ask an administrator to raise the web server's limit."),
  };

  function size(bytes) {
    const units = [gettext("bytes"), "kB", "MB", "GB"];
    let step = 0;
    for (; bytes >= 1000 && step < units.length - 1; step += 1) bytes /= 1000;
    return `${step ? bytes.toFixed(1) : bytes} ${units[step]}`;
  }

  function add(files) {
    for (const file of files) {
      const element = blank.content.firstElementChild.cloneNode(true);
      const part = (name) => element.querySelector(name);
      const row = { file, element, part, state: "chosen", sent: 0 };
      part(".upload-name").textContent = file.name;
      part(".upload-size").textContent = size(file.size);
      part("progress").setAttribute("aria-label", interpolate(gettext("Upload of %s"), [file.name]));
      part("[data-do=again]").setAttribute("aria-label", interpolate(gettext("Try %s again"), [file.name]));
      part("[data-do=remove]").setAttribute("aria-label", interpolate(gettext("Remove %s"), [file.name]));
      part("[data-do=again]").addEventListener("click", () => again(row));
      part("[data-do=remove]").addEventListener("click", () => remove(row));
      rows.push(row);
      list.append(element);
      show(row, "chosen", gettext("ready to upload"));
    }
    panel.hidden = rows.length === 0;
  }

  function show(row, state, now) {
    row.state = state;
    row.element.dataset.state = state;
    row.part("progress").hidden = state !== "sending";
    row.part(".upload-now").textContent = now;
    row.part("[data-do=again]").hidden = state !== "failed";
    row.part("[data-do=remove]").hidden = !["chosen", "failed", "refused"].includes(state);
    sumUp();
  }

  // An uploaded file is done once nothing in its row waits for news of its conversion.
  const isConverted = (row) => row.state === "done" && !row.element.querySelector("[data-live]");

  function sumUp() {
    const count = (...states) => rows.filter((one) => states.includes(one.state)).length;
    const done = rows.filter(isConverted).length;
    const words = [interpolate(gettext("%s of %s done"), [done, rows.length])];
    const converting = count("done") - done;
    if (converting) words.push(interpolate(gettext("%s uploaded and being converted"), [converting]));
    const asked = count("asked");
    if (asked) words.push(interpolate(gettext("%s to decide"), [asked]));
    const bad = count("failed", "kept", "refused");
    if (bad) words.push(interpolate(gettext("%s with a problem"), [bad]));
    const left = count("waiting", "sending");
    if (left) words.push(interpolate(gettext("%s to go"), [left]));
    said.textContent = words.join(", ");
  }

  function answer(row, state, text, url) {
    const place = row.part(".upload-answer");
    place.hidden = false;
    place.textContent = text;
    if (url) {
      const link = document.createElement("a");
      link.href = url;
      const words = state === "asked" ? gettext("Decide") : gettext("Open");
      link.textContent = words;
      link.setAttribute("aria-label", `${words}: ${row.file.name}`);
      place.append(" ", link);
    }
    const now = { done: gettext("uploaded"), asked: gettext("to decide"), kept: gettext("kept"), failed: gettext("not uploaded"), refused: gettext("refused") };
    show(row, state, now[state]);
  }

  function remove(row) {
    rows.splice(rows.indexOf(row), 1);
    row.element.remove();
    panel.hidden = rows.length === 0;
    sumUp();
    input.focus();
  }

  /* A log-in meanwhile has made another token: the page is asked for it, so that a second try can work. */
  async function again(row) {
    show(row, "waiting", gettext("waiting"));
    row.part(".upload-answer").hidden = true;
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" } });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      const token = page.querySelector("#upload [name=csrfmiddlewaretoken]");
      if (token) form.elements.csrfmiddlewaretoken.value = token.value;
    } catch {
      // The upload itself will say that the network is away.
    }
    pump();
  }

  function pump() {
    let free = AT_ONCE - rows.filter((row) => row.state === "sending").length;
    for (const row of rows) {
      if (free > 0 && row.state === "waiting") {
        free -= 1;
        send(row);
      }
    }
  }

  function send(row) {
    if (row.file.size > limit) {
      const text = gettext("It is %s; the limit is %s. Export a smaller assembly, or have the limit raised in the system settings.");
      answer(row, "refused", interpolate(text, [size(row.file.size), size(limit)]));
      return;
    }
    const data = new FormData(form);
    data.delete(input.name);
    data.append(input.name, row.file);
    const request = new XMLHttpRequest();
    const bar = row.part("progress");
    bar.value = 0;
    show(row, "sending", "0 %");
    request.upload.addEventListener("progress", (event) => {
      const share = event.lengthComputable && event.total ? event.loaded / event.total : 0;
      bar.value = share;
      row.part(".upload-now").textContent = share < 1 ? `${Math.floor(100 * share)} %` : gettext("checking the file");
    });
    request.addEventListener("loadend", () => {
      ended(row, request);
      pump();
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.send(data);
  }

  function ended(row, request) {
    let told = null;
    try {
      told = JSON.parse(request.responseText);
    } catch {
      // A page instead of an answer: the words below say why.
    }
    if (!told || typeof told.text !== "string") {
      const server = gettext("The server failed (%s). Try again; if it fails again, tell an administrator the time.");
      const other = request.status < 400 ? PLAIN[403] : interpolate(server, [request.status]);
      answer(row, "failed", PLAIN[request.status] ?? other);
      return;
    }
    const cells = new DOMParser().parseFromString(told.html ?? "", "text/html").body.childNodes;
    row.part(".upload-cells").replaceChildren(...cells);
    const bad = told.asks ? "asked" : told.is_kept ? "kept" : told.may_try_again ? "failed" : "refused";
    answer(row, told.is_good ? "done" : bad, told.text, told.url);
    if (told.is_good && form.elements.revision_of && told.url) location.assign(told.url);
    document.dispatchEvent(new Event("live:more"));
  }

  document.addEventListener("live:seen", () => {
    for (const row of rows.filter(isConverted)) row.part(".upload-now").textContent = gettext("done");
    if (rows.length) sumUp();
  });

  const isOnItsWay = () => rows.some((row) => row.state === "waiting" || row.state === "sending");

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = rows.filter((row) => row.state === "chosen");
    const number = form.elements.product;
    panel.hidden = false;
    if (!chosen.length) {
      said.textContent = gettext("Choose at least one CAD file.");
      input.focus();
    } else if (chosen.length > 1 && (!number || number.value.trim())) {
      said.textContent = gettext("A product has one current CAD file: upload one file, or leave the product number empty.");
      (number ?? input).focus();
    } else {
      for (const row of chosen) show(row, "waiting", gettext("waiting"));
      pump();
    }
  });
  input.addEventListener("change", () => {
    add(input.files);
    input.value = "";
  });
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    form.classList.add("is-target");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) form.classList.remove("is-target");
  });
  document.addEventListener("drop", (event) => {
    form.classList.remove("is-target");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    const isFile = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()?.isFile ?? true);
    add([...event.dataTransfer.files].filter((_, index) => isFile[index]));
  });
  addEventListener("beforeunload", (event) => {
    if (!isOnItsWay()) return;
    event.preventDefault();
    event.returnValue = true; // browsers of before 2023 ask only then
  });
})();
