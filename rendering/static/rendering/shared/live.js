/* Elements with data-live="URL" are replaced by the element of the same data-live-key in that URL's answer,
   every two seconds while the page is visible, until the answer has no data-live any more. */
"use strict";
(() => {
  const PAUSE = 2000; // ms between two answers
  const PATIENCE = 1500; // ms that a new picture may take to load before it is shown as it comes
  let timer = 0;
  let isBusy = false;

  function wanted() {
    const urls = new Map();
    for (const element of document.querySelectorAll("[data-live]")) {
      const url = new URL(element.dataset.live, location.origin);
      const address = url.pathname + url.search;
      const ids = urls.get(address) ?? new Set();
      if (element.dataset.liveId) ids.add(element.dataset.liveId);
      urls.set(address, ids);
    }
    return urls;
  }

  // A picture that stays is the same element, and a new one is there before the old one goes: nothing flickers.
  async function withPictures(old, fresh) {
    const shown = new Map([...old.querySelectorAll("img")].map((picture) => [picture.getAttribute("src"), picture]));
    const loads = [];
    const kept = [];
    for (const picture of fresh.querySelectorAll("img")) {
      const same = shown.get(picture.getAttribute("src"));
      if (same) kept.push([picture, same]);
      else if (picture.loading !== "lazy") loads.push(picture.decode().catch(() => {}));
    }
    if (loads.length) await Promise.race([Promise.all(loads), new Promise((done) => setTimeout(done, PATIENCE))]);
    return () => kept.forEach(([picture, same]) => picture.replaceWith(same));
  }

  async function replace(old, fresh) {
    if (old.outerHTML === fresh.outerHTML) return;
    const keepPictures = await withPictures(old, fresh);
    if (!old.isConnected || old.contains(document.activeElement)) return;
    const scrolls = [...old.querySelectorAll("[data-follow]")].map((log) => ({
      top: log.scrollTop,
      isAtEnd: log.scrollTop + log.clientHeight >= log.scrollHeight - 8,
    }));
    const isOpen = [...old.querySelectorAll("details")].map((details) => details.open);
    keepPictures();
    old.replaceWith(fresh);
    fresh.querySelectorAll("details").forEach((details, index) => {
      if (index < isOpen.length) details.open = isOpen[index];
    });
    fresh.querySelectorAll("[data-follow]").forEach((log, index) => {
      const scroll = scrolls[index];
      log.scrollTop = !scroll || scroll.isAtEnd ? log.scrollHeight : scroll.top;
    });
  }

  async function update(path, ids) {
    const query = new URLSearchParams([...ids].map((id) => ["id", id]));
    const joint = path.includes("?") ? "&" : "?";
    const response = await fetch(ids.size ? path + joint + query : path, { headers: { Accept: "text/html" } });
    if (response.redirected) return location.reload(); // logged out: the page itself asks for the password
    if (!response.ok) throw new Error(`${path} answered ${response.status}`);
    const answer = new DOMParser().parseFromString(await response.text(), "text/html");
    const swaps = [];
    for (const fresh of answer.querySelectorAll("[data-live-key]")) {
      const olds = document.querySelectorAll(`[data-live-key="${CSS.escape(fresh.dataset.liveKey)}"]`);
      for (const old of olds) swaps.push(replace(old, document.importNode(fresh, true)));
    }
    await Promise.all(swaps);
  }

  async function refresh() {
    clearTimeout(timer);
    if (isBusy || document.hidden) return;
    isBusy = true;
    const urls = wanted();
    const results = await Promise.allSettled([...urls].map(([path, ids]) => update(path, ids)));
    isBusy = false;
    document.dispatchEvent(new Event("live:seen"));
    document.documentElement.toggleAttribute("data-live-lost", results.some((one) => one.status === "rejected"));
    if (urls.size) timer = setTimeout(refresh, PAUSE);
  }

  document.addEventListener("visibilitychange", refresh);
  document.addEventListener("live:more", refresh); // a script has put further elements into the page
  for (const log of document.querySelectorAll("[data-follow]")) log.scrollTop = log.scrollHeight;
  if (wanted().size) timer = setTimeout(refresh, PAUSE);
})();
