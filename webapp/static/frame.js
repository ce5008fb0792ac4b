// What every page may use: menus that close, a question that can be dropped, printing, and wiping drafts on sign-out.
// Everything works without it.
document.documentElement.classList.add("has-script");

document.addEventListener("click", (event) => {
  for (const open of document.querySelectorAll("details.menu[open], details.confirm[open]")) {
    if (!open.contains(event.target)) open.open = false;
  }
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

// A draft in the browser belongs to (person, form): signing out takes it away.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-wipe-drafts]")) return;
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith("draft:")) localStorage.removeItem(key);
  } catch { /* no storage, nothing to wipe */ }
});

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

const refused = document.querySelector(".refusals");
if (refused) refused.focus();

// A draft whose form was handed in is taken away on the next page that is not that form again.
try {
  const atForm = document.querySelector("form[data-draft-key]")?.dataset.draftKey;
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith("draft:") && key !== atForm && JSON.parse(localStorage.getItem(key)).finalising) localStorage.removeItem(key);
  }
} catch { /* no storage, nothing to wipe */ }
