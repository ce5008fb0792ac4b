// Count entry by keyboard. Shows one step at a time, moves between boxes, sums as one types (help for the eye only, the server
// decides), and keeps the draft: each changed field goes to the server; what cannot be sent stays in this browser until it can.
import { Draft } from "./draft.js";

const form = document.querySelector("form[data-entry]");
const words = JSON.parse(form.dataset.words);
const steps = [...form.querySelectorAll("[data-step]")];
const links = new Map([...document.querySelectorAll("[data-step-link]")].map((link) => [link.dataset.stepLink, link]));
const nextButton = form.querySelector("[data-next]");
const backButton = form.querySelector("[data-back]");
const wordBox = form.querySelector("[data-word]");
let open = 0;

// -- numbers -----------------------------------------------------------------------------------------------------------------

const ascii = (text) => text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
const read = (box) => (box && /^\d+$/.test(box.value) ? Number(box.value) : null); // blank is not zero
const boxesOf = (root) => [...root.querySelectorAll("[data-box]")];
const roleIn = (step, role) => step.querySelector(`.strip [data-role="${role}"]`) ?? form.querySelector(`#step-attendance [data-role="${role}"]`);
const needed = (step) => boxesOf(step).filter((box) => !box.closest("[data-write-in]"));

let wordTimer;
const say = (text) => {
  wordBox.textContent = text;
  wordBox.hidden = false;
  clearTimeout(wordTimer);
  wordTimer = setTimeout(() => { wordBox.hidden = true; }, 4000);
};

const mark = (element, state) => {
  element.classList.toggle("is-right", state === true);
  element.classList.toggle("is-wrong", state === false);
};

const compare = { "<=": (left, right) => left <= right, "=": (left, right) => left === right };

// A check like "valid + spoiled = returned"; null while a part is blank.
const holds = (step, rule) => {
  const [left, relation, right] = rule.split(/\s+(<=|=)\s+/);
  const value = (side) => {
    const parts = side.split(" + ").map((role) => read(roleIn(step, role)));
    return parts.includes(null) ? null : parts.reduce((sum, part) => sum + part, 0);
  };
  const [a, b] = [value(left), value(right)];
  return a === null || b === null ? null : compare[relation](a, b);
};

const checkStep = (step) => {
  const wrong = [];
  for (const item of step.querySelectorAll("[data-check]")) {
    const state = holds(step, item.dataset.check);
    mark(item, state);
    if (state === false) wrong.push(item);
  }
  for (const mirror of step.querySelectorAll("[data-mirror]")) {
    mirror.textContent = roleIn(step, mirror.dataset.mirror)?.value || (mirror.closest("thead") ? "" : "–");
  }
  const valid = read(roleIn(step, "valid"));
  const totals = { for: 0, against: 0, abstain: 0 };
  for (const row of step.querySelectorAll(".count-row")) {
    const values = {};
    for (const box of row.querySelectorAll("[data-role]")) {
      values[box.dataset.role] = read(box);
      totals[box.dataset.role] += read(box) ?? 0;
    }
    const sumCell = row.querySelector("[data-sum]");
    if (!sumCell) continue;
    const parts = Object.values(values);
    const full = !parts.includes(null);
    const sum = parts.reduce((total, part) => total + (part ?? 0), 0);
    const state = full && valid !== null ? sum === valid : null;
    sumCell.textContent = !full ? "" : state === false ? `▲ ${sum}，${words.sum} ${valid}` : state ? `${sum} ✓` : String(sum);
    mark(sumCell, state);
    if (state === false) wrong.push(sumCell);
  }
  for (const cell of step.querySelectorAll("[data-subtotal]")) cell.textContent = totals[cell.dataset.subtotal];
  const ballots = step.querySelector("[data-ballots]");
  if (ballots && valid !== null) {
    const room = valid * Number(step.dataset.seats);
    const fits = totals.for <= room;
    ballots.textContent = `${fits ? "" : "▲ "}${words.ballots} ${totals.for} ${fits ? "≤" : ">"} ${valid} × ${step.dataset.seats}${fits ? " ✓" : ""}`;
    mark(ballots, fits);
    if (!fits) wrong.push(ballots);
  } else if (ballots) { ballots.textContent = ""; mark(ballots, null); }
  return { blank: needed(step).filter((box) => box.value === "").length, wrong: wrong.length };
};

const refresh = () => {
  const review = form.querySelector("[data-review]");
  const lines = [];
  let allRight = true;
  steps.forEach((step, index) => {
    const link = links.get(step.dataset.step);
    if (step.dataset.step === "review") {
      link.className = index === open ? "step-current" : "step-todo";
      return;
    }
    const state = checkStep(step);
    const right = state.blank === 0 && state.wrong === 0;
    allRight &&= right;
    link.className = index === open ? "step-current" : state.wrong ? "step-error" : right ? "step-done" : "step-todo";
    if (index === open) link.setAttribute("aria-current", "step"); else link.removeAttribute("aria-current");
    const told = right ? `✓ ${words.full}` : [state.blank && `${state.blank} ${words.blank}`, state.wrong && `${state.wrong} ${words.wrong}`].filter(Boolean).join("，");
    const line = document.createElement("li");
    const name = document.createElement("span");
    const what = document.createElement(right ? "span" : "a");
    name.textContent = step.dataset.title;
    what.textContent = right ? told : `▲ ${told} · ${words.goto}`;
    what.className = right ? "good" : "bad";
    if (!right) what.href = `#step-${step.dataset.step}`;
    line.append(name, what);
    lines.push(line);
  });
  review.replaceChildren(...lines);
};

// -- steps -------------------------------------------------------------------------------------------------------------------

const show = (index, focus = true) => {
  open = Math.max(0, Math.min(steps.length - 1, index));
  steps.forEach((step, at) => step.classList.toggle("is-open", at === open));
  const last = open === steps.length - 1;
  nextButton.hidden = last;
  backButton.hidden = open === 0;
  if (!last) nextButton.textContent = `${words.next}：${steps[open + 1].dataset.title} →`;
  refresh();
  links.get(steps[open].dataset.step).scrollIntoView({ block: "nearest", inline: "center" });
  if (!focus) return;
  const boxes = boxesOf(steps[open]);
  (boxes.find((box) => box.value === "" && !box.closest("[data-write-in]")) ?? boxes[0] ?? form.querySelector("[data-finalise]")).focus();
  if (open === 0 || !boxes.length) window.scrollTo(0, 0);
};

const stepOf = (id) => steps.findIndex((step) => step.id === id || step.contains(document.getElementById(id)));

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const id = link && decodeURIComponent(link.hash.slice(1));
  const at = id ? stepOf(id) : -1;
  if (at < 0) return;
  event.preventDefault();
  const box = document.getElementById(id);
  show(at, !box.matches("[data-box]"));
  if (box.matches("[data-box]")) box.focus();
});
nextButton.addEventListener("click", () => show(open + 1));
backButton.addEventListener("click", () => show(open - 1));

// -- keyboard ----------------------------------------------------------------------------------------------------------------

form.addEventListener("focusin", (event) => { if (event.target.matches("[data-box]")) event.target.select(); });

form.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // Enter belongs to the input method while it composes
  const box = event.target.closest("[data-box]");
  if (event.key === "Enter" && event.shiftKey) {
    event.preventDefault();
    if (open === steps.length - 1) form.requestSubmit(form.querySelector("[data-finalise]")); else show(open + 1);
    return;
  }
  if (!box || !["Enter", "ArrowDown", "ArrowUp"].includes(event.key)) return;
  event.preventDefault();
  const boxes = boxesOf(steps[open]);
  const to = boxes[boxes.indexOf(box) + (event.key === "ArrowUp" ? -1 : 1)];
  if (to) to.focus();
  else if (event.key !== "ArrowUp") (nextButton.hidden ? form.querySelector("[data-finalise]") : nextButton).focus();
});

form.addEventListener("beforeinput", (event) => {
  if (event.target.dataset.box !== "number" || event.isComposing || !event.data || event.inputType === "insertFromPaste") return;
  if (!/^\d+$/.test(ascii(event.data))) { event.preventDefault(); say(words.digits); }
});

form.addEventListener("paste", (event) => {
  const box = event.target.closest('[data-box="number"]');
  if (!box) return;
  event.preventDefault();
  const text = event.clipboardData.getData("text").trim();
  if (!/^\d{1,6}$/.test(ascii(text))) return say(`${words.paste}：「${text.slice(0, 12)}」`);
  box.value = ascii(text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
});

const tidy = (box) => {
  const clean = ascii(box.value).replace(/\D/g, "");
  if (clean !== box.value) box.value = clean;
};

form.addEventListener("input", (event) => {
  const box = event.target.closest("[data-box]");
  if (!box || event.isComposing) return;
  if (box.dataset.box === "number") tidy(box);
  box.removeAttribute("aria-invalid");
  refresh();
});
form.addEventListener("compositionend", (event) => {
  if (event.target.dataset.box !== "number") return;
  tidy(event.target);
  if (!/^\d*$/.test(ascii(event.data ?? ""))) say(words.digits);
  refresh();
});

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add]");
  if (!button) return;
  const row = button.closest("[data-write-in]");
  const [, stem, number] = row.dataset.writeIn.match(/^(.*\.)(\d+)$/);
  const prefix = `${stem}${Number(number) + 1}`;
  const copy = row.cloneNode(true);
  copy.dataset.writeIn = prefix;
  for (const box of boxesOf(copy)) {
    box.name = box.id = prefix + box.name.slice(row.dataset.writeIn.length);
    box.value = "";
    box.classList.remove("is-pending");
  }
  button.remove();
  row.after(copy);
  boxesOf(copy)[0].focus();
});

// -- draft -------------------------------------------------------------------------------------------------------------------

const draft = new Draft(form, words);
for (const [name, value] of Object.entries(draft.pending())) {
  const box = form.elements.namedItem(name);
  if (box) box.value = value; // typed here, never reached the server: it is the newer one
}
form.addEventListener("change", (event) => { if (event.target.matches("[data-box]")) draft.keep(event.target); });
form.addEventListener("submit", (event) => { draft.keepAll(); if (event.submitter?.value === "finalise") draft.finalising(); });
draft.send();

const wrongAtFirst = form.querySelector('[aria-invalid="true"]');
const asked = stepOf(decodeURIComponent(location.hash.slice(1)));
const firstBlank = steps.findIndex((step) => needed(step).some((box) => box.value === ""));
show(wrongAtFirst ? stepOf(wrongAtFirst.id) : asked >= 0 ? asked : firstBlank >= 0 ? firstBlank : steps.length - 1);
wrongAtFirst?.focus();
