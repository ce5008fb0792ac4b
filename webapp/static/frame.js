// What every page may use: menus that close, a question that can be dropped, printing, and wiping drafts on sign-out.
// Everything works without it.
document.documentElement.classList.add("has-script");

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open], details.confirm[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
  const asked = event.target.closest("details.confirm > summary")?.nextElementSibling;
  if (asked) requestAnimationFrame(() => asked.scrollIntoView({ block: "nearest" }));
  const target = event.target.closest("[data-close], [data-print]");
  if (!target) return;
  if (target.matches("[data-print]")) window.print();
  else target.closest("details").open = false;
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const open of document.querySelectorAll("details.menu[open], details.confirm[open]")) {
    open.open = false;
    open.querySelector("summary").focus();
  }
});

// A draft in the browser belongs to (person, form): signing out takes it away. What never reached the server is asked about first.
document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-wipe-drafts]")) return;
  event.preventDefault();
  const drafts = await import("./drafts.js");
  const kept = await drafts.names("draft:").catch(() => []);
  if (kept.length && !window.confirm(form.dataset.wipeDrafts)) return;
  if (kept.length) await drafts.wipe("draft:");
  form.submit();
});

// In a row that is wider than the screen the place where one is stands in view.
for (const lit of document.querySelectorAll(".tabs [aria-current], .desks [aria-current], .pages [aria-current]")) {
  const row = lit.parentElement;
  if (row.scrollWidth > row.clientWidth) row.scrollLeft = lit.offsetLeft - row.offsetLeft - (row.clientWidth - lit.offsetWidth) / 2;
}

// A form is sent once: a second click while the first is under way does nothing. Where the work is long, its button says so.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  else if (!event.defaultPrevented) {
    form.dataset.sent = "1";
    if (form.dataset.busy) work(event.submitter ?? form.querySelector("[type=submit]"), form.dataset.busy);
  }
});
const work = (button, words) => {
  button.dataset.idle = button.innerHTML;
  button.textContent = words;
  button.setAttribute("aria-busy", "true");
};
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  for (const button of document.querySelectorAll("[data-idle]")) {
    button.innerHTML = button.dataset.idle;
    button.removeAttribute("aria-busy");
    delete button.dataset.idle;
  }
});

// After a refusal the keyboard stands where it goes on: at the list of what was refused, or in the first box that has to be corrected.
const boxes = ":is(input, select, textarea):not([type=hidden])";
document.querySelector(`main .refusals, main [aria-invalid="true"], main .has-error ${boxes}`)?.focus();
