// A click on the picture is the place of the next comment.
"use strict";

for (const stage of document.querySelectorAll("[data-place]")) {
  const picture = stage.querySelector("img");
  const pin = stage.querySelector(".review-new");
  const [left, top] = ["x", "y"].map((name) => document.querySelector(`.review-place [name="${name}"]`));
  if (!left || !top) continue;
  stage.classList.add("is-live");

  const show = () => {
    const isWhole = left.value !== "" && top.value !== "";
    pin.toggleAttribute("hidden", !isWhole);
    if (isWhole) {
      pin.setAttribute("cx", `${left.value}%`);
      pin.setAttribute("cy", `${top.value}%`);
    }
  };
  const percent = (part, whole) => (100 * Math.min(1, Math.max(0, part / whole))).toFixed(1);

  picture.addEventListener("click", (event) => {
    const box = picture.getBoundingClientRect();
    left.value = percent(event.clientX - box.left, box.width);
    top.value = percent(event.clientY - box.top, box.height);
    show();
    document.getElementById("review-comment").focus();
  });
  for (const field of [left, top]) field.addEventListener("input", show);
  show();
}
