"use strict";
// Marks a part in the picture and in the list, whichever of the two is pointed at.
for (const stage of document.querySelectorAll(".hotspots")) {
  let kept = null;
  const mark = (part) => {
    for (const one of stage.querySelectorAll(".on")) one.classList.remove("on");
    if (part === null) return;
    for (const one of stage.querySelectorAll(`.spot[data-part="${part}"], tr[data-part="${part}"]`)) one.classList.add("on");
  };
  const partOf = (event) => event.target.closest("[data-part]:not(.away)")?.dataset.part ?? null;
  stage.addEventListener("pointerover", (event) => mark(partOf(event) ?? kept));
  stage.addEventListener("focusin", (event) => mark(partOf(event) ?? kept));
  stage.addEventListener("click", (event) => {
    const part = partOf(event);
    kept = part === kept ? null : part;
    mark(kept);
    if (part !== null && event.target.closest(".stage")) {
      stage.querySelector(`tr[data-part="${part}"]`).scrollIntoView({ block: "nearest" });
    }
    stage.dispatchEvent(new CustomEvent("hotspot", { bubbles: true, detail: { part } }));
  });
}
