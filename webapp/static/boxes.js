// In a form of numbers read off paper (data-boxes) Enter and ↓ go to the next box and ↑ to the one before, as on the count
// forms; only the button sends it. Without this the form works all the same, and Enter sends it.
for (const form of document.querySelectorAll("[data-boxes] form")) {
  const boxes = [...form.querySelectorAll("input[inputmode=numeric]")];
  form.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return; // Enter belongs to the input method while it composes
    const at = boxes.indexOf(event.target);
    if (at < 0 || !["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
    event.preventDefault();
    const next = boxes[at + (event.key === "ArrowUp" ? -1 : 1)] ?? (event.key === "ArrowUp" ? boxes[0] : form.querySelector("button[type=submit]"));
    next.focus();
    if (next.select) next.select();
  });
}
