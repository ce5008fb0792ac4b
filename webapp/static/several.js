// A page of several forms: before one is sent, whoever has typed in another is asked, since the answer forgets it. Sends nothing.
const changed = (form) =>
  [...form.elements].some((box) => {
    if (box.type === "hidden" || box.closest("details.confirm:not([open])")) return false;
    if (box.matches("select")) {
      const first = [...box.options].findIndex((option) => option.defaultSelected);
      return box.selectedIndex !== Math.max(first, 0);
    }
    return box.matches("input, textarea") && (box.checked !== box.defaultChecked || box.value !== box.defaultValue);
  });

for (const page of document.querySelectorAll("[data-several]")) {
  page.addEventListener(
    "submit",
    (event) => {
      const others = [...page.querySelectorAll("form")].filter((form) => form !== event.target);
      if (others.some(changed) && !window.confirm(page.dataset.several)) {
        event.preventDefault();
        event.stopPropagation();
      }
    },
    true,
  );
}
