// Count entry by keyboard. Shows one step at a time, moves between boxes, sums as one types (help for the eye only, the server
// decides), and keeps the draft: each changed field goes to the server; what cannot be sent stays in this browser until it can.
// Handing in waits until the server has every field: without a line nothing is posted into the void.
import { Calling } from "./calling.js";
import { Draft } from "./draft.js";
import { reviewOf } from "./review.js";
import { Told } from "./told.js";

const form = document.querySelector("form[data-entry]");
const words = JSON.parse(form.dataset.words);
const steps = [...form.querySelectorAll("[data-step]")];
const links = new Map([...document.querySelectorAll("[data-step-link]")].map((link) => [link.dataset.stepLink, link]));
const nextButton = form.querySelector("[data-next]");
const backButton = form.querySelector("[data-back]");
const wordBox = form.querySelector("[data-word]");
let open = 0;
let begun = false; // whoever went to a step already stays there

// -- numbers -----------------------------------------------------------------------------------------------------------------

const ascii = (text) => text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0));
const read = (box) => (box && /^\d+$/.test(box.value) ? Number(box.value) : null); // blank is not zero
const boxesOf = (root) => [...root.querySelectorAll("[data-box]")];
const roleIn = (step, role) => step.querySelector(`.strip [data-role="${role}"]`) ?? form.querySelector(`#step-attendance [data-role="${role}"]`);
const needed = (step) => boxesOf(step).filter((box) => !box.closest("[data-write-in]"));

const told = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

// A word below the box, or above where the window ends (on a phone at the foot of the window, see entry.css); without a box on top.
let wordTimer;
const say = (text, beside = document.activeElement) => {
  wordBox.textContent = text;
  wordBox.hidden = false;
  const there = form.contains(beside) ? beside.getBoundingClientRect() : { left: 0, top: 0, bottom: 0 };
  const here = form.getBoundingClientRect();
  wordBox.style.left = `${Math.max(0, Math.min(there.left - here.left, here.width - wordBox.offsetWidth - 12))}px`;
  const room = there.bottom + wordBox.offsetHeight + 10 < window.innerHeight;
  wordBox.style.top = `${Math.max(0, room ? there.bottom + 5 - here.top : there.top - wordBox.offsetHeight - 5 - here.top)}px`;
  clearTimeout(wordTimer);
  wordTimer = setTimeout(() => { wordBox.hidden = true; }, 4000);
};

const mark = (element, state) => {
  element.classList.toggle("is-right", state === true);
  element.classList.toggle("is-wrong", state === false);
};

const compare = { "<=": (left, right) => left <= right, "=": (left, right) => left === right };

// A check like "valid + spoiled = returned": whether it holds, null while a part is blank, and its two sides.
const weigh = (step, rule) => {
  const [left, relation, right] = rule.split(/\s+(<=|=)\s+/);
  const value = (side) => {
    const parts = side.split(" + ").map((role) => read(roleIn(step, role)));
    return parts.includes(null) ? null : parts.reduce((sum, part) => sum + part, 0);
  };
  const [a, b] = [value(left), value(right)];
  return { state: a === null || b === null ? null : compare[relation](a, b), left: a, right: b };
};

const checkStep = (step) => {
  const wrong = [];
  for (const item of step.querySelectorAll("[data-check]")) {
    const { state, ...sides } = weigh(step, item.dataset.check);
    item.dataset.right ??= item.textContent;
    item.textContent = state === false ? told(item.dataset.wrong, sides) : item.dataset.right;
    mark(item, state);
    if (state === false) wrong.push(item.textContent);
  }
  for (const mirror of step.querySelectorAll("[data-mirror]")) {
    mirror.textContent = roleIn(step, mirror.dataset.mirror)?.value || (mirror.closest("thead, .entry-head") ? "" : "–");
  }
  const valid = read(roleIn(step, "valid"));
  const totals = { for: null, against: null, abstain: null }; // of blank boxes alone no sum is 0
  for (const row of step.querySelectorAll(".count-row")) {
    const values = {};
    for (const box of row.querySelectorAll("[data-role]")) {
      const value = (values[box.dataset.role] = read(box));
      if (value !== null) totals[box.dataset.role] = (totals[box.dataset.role] ?? 0) + value;
    }
    const sumCell = row.querySelector("[data-sum]");
    if (!sumCell) continue;
    const parts = Object.values(values);
    const full = !parts.includes(null);
    const sum = parts.reduce((total, part) => total + (part ?? 0), 0);
    const state = full && valid !== null ? sum === valid : null;
    sumCell.dataset.sum = full ? sum : "";
    sumCell.textContent = !full ? "" : state === false ? `▲ ${sum}，${words.sum} ${valid}` : state ? `${sum} ✓` : String(sum);
    mark(sumCell, state);
    if (state === false) wrong.push(`${row.dataset.name} ${sumCell.textContent}`);
  }
  for (const cell of step.querySelectorAll("[data-subtotal]")) cell.textContent = totals[cell.dataset.subtotal] ?? "";
  const ballots = step.querySelector("[data-ballots]");
  if (ballots && valid !== null && totals.for !== null) {
    const room = valid * Number(step.dataset.seats);
    const fits = totals.for <= room;
    const sum = told(fits ? words.fits : words.over, { sum: totals.for, valid, seats: step.dataset.seats });
    ballots.textContent = fits ? `${sum} ✓` : `▲ ${sum}`;
    mark(ballots, fits);
    if (!fits) wrong.push(sum);
  } else if (ballots) { ballots.textContent = ""; mark(ballots, null); }
  return { blank: needed(step).filter((box) => box.value === "").length, wrong };
};

const untickedIn = (root) => [...root.querySelectorAll('.finding:not([hidden]) input[name="accept"]:not(:checked)')];

// A name is written in letters; votes typed beside it are no part of it.
const named = (text) => /\p{L}/u.test(text) && !/[\p{Nd}\p{No}]/u.test(text);
const findings = new Told(form, weigh, named);

const refresh = () => {
  const parts = [];
  const states = new Map(steps.map((step) => [step, checkStep(step)]));
  findings.refresh();
  steps.forEach((step, index) => {
    const link = links.get(step.dataset.step);
    if (index === open) link.setAttribute("aria-current", "step"); else link.removeAttribute("aria-current");
    if (step.dataset.step === "review") {
      link.className = index === open ? "step-current" : "step-todo";
      return;
    }
    const state = states.get(step);
    const wrong = Math.max(state.wrong.length, findings.standing(step));
    const unticked = untickedIn(step).length;
    const right = state.blank === 0 && wrong === 0 && unticked === 0;
    link.className = index === open ? "step-current" : wrong ? "step-error" : right ? "step-done" : "step-todo";
    if (steps[open].dataset.step !== "review") return;
    const todo = [state.blank && `${state.blank} ${words.blank}`, wrong && `${wrong} ${words.wrong}`, unticked && `${unticked} ${words.told}`];
    parts.push(reviewOf(step, right ? null : todo.filter(Boolean).join("，"), words));
  });
  form.querySelector("[data-review]").replaceChildren(...parts);
};

// -- steps -------------------------------------------------------------------------------------------------------------------

const show = (index, focus = true) => {
  open = Math.max(0, Math.min(steps.length - 1, index));
  begun = true;
  steps.forEach((step, at) => step.classList.toggle("is-open", at === open));
  const last = open === steps.length - 1;
  nextButton.hidden = last;
  backButton.hidden = open === 0;
  if (!last) nextButton.textContent = `${words.next}：${steps[open + 1].dataset.title} →`;
  refresh();
  links.get(steps[open].dataset.step).scrollIntoView({ block: "nearest", inline: "center" });
  if (!focus) return;
  const boxes = boxesOf(steps[open]);
  if (!boxes.length) form.querySelector("[data-finalise]").focus({ preventScroll: true }); // it stays in view; read from the top
  else (boxes.find((box) => box.value === "" && !box.closest("[data-write-in]")) ?? boxes[0]).focus();
  if (open === 0 || !boxes.length) window.scrollTo(0, 0);
};

// On to the next step; what does not fit on this one is said, and waits there.
const onward = () => {
  const [wrong] = steps[open].dataset.step === "review" ? [] : checkStep(steps[open]).wrong;
  const title = steps[open].dataset.title;
  show(open + 1);
  if (wrong) say(`${title}：${wrong}`);
};

const stepOf = (id) => steps.findIndex((step) => step.id === id || step.contains(document.getElementById(id)));

// A box or a tick, wherever it stands.
const goTo = (field) => {
  show(steps.findIndex((step) => step.contains(field)), false);
  field.focus();
  field.scrollIntoView({ block: "nearest" });
};

document.addEventListener("click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  const id = link && decodeURIComponent(link.hash.slice(1));
  const at = id ? stepOf(id) : -1;
  if (at < 0) return;
  event.preventDefault();
  const there = document.getElementById(id);
  if (there.matches("input")) return goTo(there);
  const tick = untickedIn(steps[at])[0];
  if (tick && !needed(steps[at]).some((box) => box.value === "")) goTo(tick); else show(at);
});
nextButton.addEventListener("click", onward);
backButton.addEventListener("click", () => show(open - 1));

// -- keyboard ----------------------------------------------------------------------------------------------------------------

form.addEventListener("focusin", (event) => {
  if (!event.target.matches("[data-box]")) return;
  stood.set(event.target, event.target.value);
  event.target.select();
});

// Where the keys stop, in paper order: boxes, ticks still open, and another row once the last one is used.
const stopsOf = (step, from) => [...step.querySelectorAll('[data-box], input[name="accept"], [data-add]')].filter((stop) => {
  if (stop === from || stop.matches("[data-box]")) return true;
  return stop.matches("[data-add]") ? boxesOf(stop.closest("[data-write-in]")).some((box) => box.value !== "") : untickedIn(step).includes(stop);
});

form.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return; // Enter belongs to the input method while it composes
  const { key, target } = event;
  // A key held down goes from box to box and no further: it compares nothing with the paper and hands nothing in.
  if (event.repeat && key === "Enter" && (event.shiftKey || !target.matches("[data-box]"))) return event.preventDefault();
  if (key === "Enter" && event.shiftKey) {
    event.preventDefault();
    if (open === steps.length - 1) form.requestSubmit(form.querySelector("[data-finalise]")); else onward();
    return;
  }
  const stops = stopsOf(steps[open], target);
  const at = stops.indexOf(target);
  if (key === "+" && at >= 0) {
    event.preventDefault();
    return writeIn(steps[open]);
  }
  if (!["Enter", "ArrowDown", "ArrowUp"].includes(key)) return;
  if (key === "Enter" && target.matches('input[name="accept"]')) {
    event.preventDefault();
    return ticked(target);
  }
  if (key === "ArrowUp" && (target === nextButton || (at === 0 && target.matches("[data-box]")))) {
    event.preventDefault();
    if (at === 0 && open > 0) show(open - 1, false); // from the first box back to the last one of the step before
    return boxesOf(steps[open]).at(-1)?.focus();
  }
  if (at < 0 || (key === "Enter" && target.matches("[data-add]"))) return;
  event.preventDefault();
  const to = stops[at + (key === "ArrowUp" ? -1 : 1)];
  if (to) to.focus();
  else if (key !== "ArrowUp") (nextButton.hidden ? form.querySelector("[data-finalise]") : nextButton).focus();
});

// Enter at a warning: compared with the paper, on to the next one; after the last one to handing in.
const ticked = (tick) => {
  tick.checked = true;
  refresh();
  const next = untickedIn(form)[0];
  if (next) return goTo(next);
  show(steps.length - 1);
};

// As the server has it (form.py). What is longer is refused with a word, never cut: 1234567 is not 123456.
const MOST_DIGITS = 6;
form.addEventListener("beforeinput", (event) => {
  if (event.target.dataset.box !== "number" || event.isComposing || !event.data || event.inputType === "insertFromPaste") return;
  const { value, selectionStart: from, selectionEnd: to } = event.target;
  const long = value.length - (to - from) + event.data.length > MOST_DIGITS;
  if (!/^\d+$/.test(ascii(event.data)) || long) { event.preventDefault(); say(long ? words.longest : words.digits, event.target); }
});

form.addEventListener("paste", (event) => {
  const box = event.target.closest('[data-box="number"]');
  if (!box) return;
  event.preventDefault();
  const text = event.clipboardData.getData("text").trim();
  if (!/^\d+$/.test(ascii(text))) return say(`${words.paste}：「${text.slice(0, 12)}」`);
  if (text.length > MOST_DIGITS) return say(words.longest);
  box.value = ascii(text);
  box.dispatchEvent(new Event("input", { bubbles: true }));
});

const stood = new WeakMap(); // box → the figure last taken in it
const tidy = (box) => {
  let clean = ascii(box.value).replace(/\D/g, "");
  if (clean.length > MOST_DIGITS) {
    clean = stood.get(box) ?? "";
    say(words.longest, box);
  }
  stood.set(box, clean);
  if (clean !== box.value) box.value = clean;
};

form.addEventListener("input", (event) => {
  const box = event.target.closest("[data-box]");
  if (!box || event.isComposing) return;
  if (box.dataset.box === "number") tidy(box);
  box.removeAttribute("aria-invalid");
  draft.note(box);
  refresh();
});
form.addEventListener("change", (event) => { if (event.target.matches('input[name="accept"]')) refresh(); });
form.addEventListener("compositionend", (event) => {
  const box = event.target.closest("[data-box]");
  if (!box) return;
  if (box.dataset.box === "number") {
    tidy(box);
    if (!/^\d*$/.test(ascii(event.data ?? ""))) say(words.digits);
  }
  draft.note(box);
  refresh();
});

const addRow = (button) => {
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
  return boxesOf(copy)[0];
};

// To the row for somebody written in: the first that is blank, or one more.
const writeIn = (step) => {
  const rows = [...step.querySelectorAll("[data-write-in]")];
  const blank = rows.find((row) => boxesOf(row).every((box) => box.value === ""));
  if (rows.length) (blank ? boxesOf(blank)[0] : addRow(step.querySelector("[data-add]"))).focus();
};

form.addEventListener("click", (event) => {
  const button = event.target.closest("[data-add]");
  if (button) addRow(button).focus();
});

// Votes typed where the name belongs, or behind it: said at once, and refused by the checks.
form.addEventListener("change", (event) => {
  const box = event.target.closest('[data-box="name"]');
  if (!box) return;
  const wrong = box.value.trim() !== "" && !named(box.value);
  if (wrong) { box.setAttribute("aria-invalid", "true"); say(words.name, box); } else box.removeAttribute("aria-invalid");
});

// -- draft -------------------------------------------------------------------------------------------------------------------

const draft = new Draft(form, words);
for (const [name, value] of Object.entries(await draft.restored())) {
  // Typed here, never reached the server: it is the newer one. A row that was added here is added again.
  const [, section, row] = name.match(/^sections\.(\d+)\.write_ins\.(\d+)\./) ?? [];
  while (row && !form.elements.namedItem(name)) {
    const button = form.querySelector(`[data-step="${section}"] [data-add]`);
    if (!button || Number(button.closest("[data-write-in]").dataset.writeIn.split(".").at(-1)) >= Number(row)) break;
    addRow(button);
  }
  const box = form.elements.namedItem(name);
  if (box) box.value = value;
}
form.addEventListener("change", (event) => { if (event.target.matches("[data-box]")) draft.keep(event.target); });
draft.send();

let sending = null;
form.addEventListener("submit", async (event) => {
  if (sending === "go") return;
  event.preventDefault();
  if (sending) return;
  sending = "wait";
  const arrived = await draft.delivered();
  if (!arrived) {
    sending = null;
    const why = event.submitter?.value === "save" ? words.not_saved : words.not_sent;
    say(draft.stopped ? draft.state.firstChild.textContent : why, event.submitter ?? document.activeElement);
    return;
  }
  if (event.submitter?.value !== "save") await draft.wipe();
  sending = "go";
  // Not within this event: a form that is being submitted ignores being submitted.
  setTimeout(() => form.requestSubmit(event.submitter));
});
// Back to a page that was handed in from here: as it stands now, not as it was left.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// -- calling -----------------------------------------------------------------------------------------------------------------

const calling = new Calling(document.querySelector("[data-calling]"), words, named);
// At the row in which one was, though the button itself was pressed meanwhile.
let lastRow = null;
form.addEventListener("focusin", (event) => { lastRow = event.target.closest(".count-row") ?? (event.target.matches("[data-box]") ? null : lastRow); });
const call = (step) => { if (step.dataset.seats) calling.open(step, step.contains(lastRow) ? lastRow : null); };
form.addEventListener("click", (event) => {
  if (event.target.closest("[data-call-open]")) call(event.target.closest("[data-step]"));
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "F2" || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  call(steps[open]);
});

// What is asked below the steps opens in view.
document.querySelector(".entry-discard details")?.addEventListener("toggle", (event) => event.target.scrollIntoView({ block: "nearest" }));

// -- where to begin ----------------------------------------------------------------------------------------------------------

refresh(); // what this browser kept may have mended something already
const firstFault = form.querySelector(".review-told .finding-error:not([hidden]) a");
const firstTick = untickedIn(form)[0];
const asked = stepOf(decodeURIComponent(location.hash.slice(1)));
const firstBlank = steps.findIndex((step) => needed(step).some((box) => box.value === ""));
if (begun) refresh(); // gone somewhere while the draft was still being read from this browser
else if (asked >= 0) show(asked);
else if (firstFault) goTo(document.getElementById(decodeURIComponent(firstFault.hash.slice(1))));
else if (firstTick) goTo(firstTick);
else if ("anew" in form.dataset) show(0);
else show(firstBlank >= 0 ? firstBlank : steps.length - 1);
