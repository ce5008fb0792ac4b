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
