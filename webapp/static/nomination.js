// Of a nomination's form only the fields of the way that is chosen are shown; a field that is hidden is not sent.
// Without this all are there, each with the ways to which it belongs.
for (const way of document.querySelectorAll("[data-way]")) {
  const parts = way.form.querySelectorAll("[data-ways]");
  const show = () => {
    for (const part of parts) {
      const belongs = part.dataset.ways.split(" ").includes(way.value);
      part.hidden = !belongs;
      for (const control of part.querySelectorAll("input, textarea")) control.disabled = !belongs;
    }
  };
  way.addEventListener("change", show);
  show();
}

// The tick in the head of a list ticks its rows, so that everybody sees who is meant; without this it stands for all of them.
for (const head of document.querySelectorAll("[data-tick-all]")) {
  const rows = [...head.form.querySelectorAll(`input[name="${head.dataset.tickAll}"]`)];
  const all = () => { head.checked = rows.length > 0 && rows.every((row) => row.checked); };
  if (head.checked) for (const row of rows) row.checked = true;
  head.addEventListener("change", () => { for (const row of rows) row.checked = head.checked; });
  for (const row of rows) row.addEventListener("change", all);
}

// A form that takes long to fill in (data-keep) is not left by a slip.
for (const form of document.querySelectorAll("form[data-keep]")) {
  let typed = false;
  form.addEventListener("input", () => { typed = true; });
  form.addEventListener("submit", () => { typed = false; });
  window.addEventListener("beforeunload", (event) => { if (typed) event.preventDefault(); });
}
