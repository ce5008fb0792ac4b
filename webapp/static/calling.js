// Calling the ballots (唱票): one key is one stroke of 正 for the chosen candidate, and one more in that candidate's box. The boxes
// alone hold the figures; which stroke came after which is known only as long as the window is open, for undoing, and is never sent.
const KEYS = { 1: "for", 2: "against", 3: "abstain" };
const BACK = ["Backspace"]; // and no other: what the window does not name takes nothing back
const SEEK = ["/", "÷", "、"]; // then a row's number; the keypad's slash under an input method, too
const SHOWN = 20; // complete 正 drawn one by one; more are said as a number before them
const STROKES = ["M6 7H34", "M20 7V34", "M20 20H32", "M11 19V34", "M4 34H36"];
const SVG = "http://www.w3.org/2000/svg";

// 正 with its first `strokes` strokes, the last one marked.
const drawing = (strokes, className) => {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 40 40");
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  STROKES.slice(0, strokes).forEach((stroke, at) => {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", stroke);
    if (at === strokes - 1) path.setAttribute("class", "last");
    svg.append(path);
  });
  return svg;
};

const told = (template, values) => template.replace(/\{(\w+)\}/g, (_, name) => values[name]);

export class Calling {
  constructor(dialog, words, named) {
    this.dialog = dialog;
    this.words = words;
    this.named = named; // whether a text is a name
    this.rows = [];
    this.chosen = 0;
    this.sought = null; // the digits of a row's number while it is typed
    this.strokes = []; // of this window: lists of [box, text before]
    const part = (name) => dialog.querySelector(`[data-calling-${name}]`);
    [this.list, this.name, this.other, this.typed, this.word, this.foot, this.ask] = ["rows", "name", "other", "write-in", "word", "foot", "ask"].map(part);
    dialog.addEventListener("keydown", (event) => this.key(event));
    dialog.addEventListener("click", (event) => this.click(event));
    dialog.addEventListener("cancel", (event) => this.escape(event));
    dialog.addEventListener("close", () => this.closed());
  }

  // `row`: of the table, where to begin.
  open(step, row) {
    this.step = step;
    this.strokes = [];
    this.load();
    if (!this.rows.length || Object.values(this.rows[0].boxes).some((box) => box.readOnly)) return;
    this.chosen = Math.max(0, this.rows.findIndex((each) => each.row === row));
    this.sought = null;
    this.dialog.querySelector("[data-calling-of]").textContent = step.dataset.title;
    this.dialog.showModal();
    this.asking(false);
    this.draw();
    this.settle();
  }

  // The candidates, who has been written in, and one line for somebody else.
  load() {
    const rows = [...this.step.querySelectorAll(".count-row")].map((row) => this.rowOf(row));
    const blank = rows.find((row) => !row.name);
    this.rows = rows.filter((row) => row.name || row === blank);
    this.list.replaceChildren(...this.rows.map((_, at) => {
      const item = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "calling-row" });
      button.dataset.at = at;
      item.append(button);
      return item;
    }));
  }

  rowOf(row) {
    const boxes = Object.fromEntries([...row.querySelectorAll("[data-role]")].map((box) => [box.dataset.role, box]));
    const written = row.querySelector('[data-box="name"]');
    return { row, boxes, written, name: row.dataset.name ?? written.value.trim(), whole: !written };
  }

  // Keys go to the strokes, or to the name where nobody stands yet.
  settle() {
    if (this.rows[this.chosen].name) this.markButton("for").focus(); else this.typed.focus();
  }

  markButton(mark) {
    return this.dialog.querySelector(`[data-call="${mark}"]`);
  }

  key(event) {
    if (event.isComposing || event.keyCode === 229 || event.ctrlKey || event.altKey || event.metaKey) return;
    const moves = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.target === this.typed && !moves) {
      if (event.key === "Enter") { event.preventDefault(); this.writeIn(); }
      return;
    }
    if (!this.ask.hidden) return;
    if (this.sought !== null && this.seek(event)) return event.preventDefault();
    const act = SEEK.includes(event.key) ? () => this.seeking("") : KEYS[event.key] ? () => this.stroke(KEYS[event.key]) : BACK.includes(event.key) ? () => this.undo() : null;
    if (act) {
      event.preventDefault();
      if (!event.repeat) act(); // a key held down is one stroke
    } else if (moves) {
      event.preventDefault();
      this.choose(this.chosen + moves);
    } else if (event.key === "Enter" && event.target.matches("[data-call]")) {
      event.preventDefault(); // Enter goes on to the next line here as in the table; it never makes a stroke
      this.choose(this.chosen + 1);
    }
  }

  // A row by its number: at once where no longer number is possible, else with Enter.
  seek(event) {
    if (/^\d$/.test(event.key)) this.seeking(this.sought + event.key);
    else if (event.key === "Backspace") this.seeking(this.sought.slice(0, -1));
    else if (event.key !== "Enter") return false;
    const number = Number(this.sought || 0);
    if (event.key === "Enter" || number * 10 > this.rows.length) this.arrive(number);
    return true;
  }

  arrive(number) {
    this.seeking(null);
    if (number >= 1 && number <= this.rows.length) this.choose(number - 1);
    else this.say(told(this.words.no_row, { number }));
  }

  seeking(digits) {
    this.sought = digits;
    this.say(digits === null ? "" : `${this.words.seq} ${digits}_`);
  }

  say(text) {
    this.word.textContent = text;
  }

  // Escape leaves what is being asked or typed first, only then the window.
  escape(event) {
    if (this.sought === null && this.ask.hidden) return;
    event.preventDefault();
    this.seeking(null);
    this.asking(false);
    this.settle();
  }

  click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.call) this.stroke(button.dataset.call);
    else if (button.dataset.at) this.choose(Number(button.dataset.at));
    else if (button.matches("[data-calling-write]")) this.writeIn();
    else if (button.matches("[data-calling-undo]")) this.undo();
    else if (button.matches("[data-calling-zeros]")) this.asking(true);
    else if (button.dataset.callingFill) this.fill(button.dataset.callingFill);
    else if (button.matches("[data-calling-close]")) this.dialog.close();
  }

  choose(at) {
    this.chosen = (at + this.rows.length) % this.rows.length;
    this.seeking(null);
    this.draw();
    this.settle();
  }

  // Somebody else's name is called: one vote for it, and a row of its own if it is called for the first time.
  writeIn() {
    const name = this.typed.value.trim();
    if (!name) return this.choose(this.chosen + 1);
    if (!this.named(name)) return this.say(this.words.name);
    this.typed.value = "";
    const known = this.rows.findIndex((row) => row.written && row.name === name);
    if (known >= 0) {
      this.chosen = known;
      return this.stroke("for");
    }
    const { written, boxes, row } = this.rows[this.chosen];
    this.change([[written, name], [boxes.for, "1"]]);
    this.load();
    if (this.rows.every((each) => each.name)) {
      this.step.querySelector("[data-add]").click();
      this.load();
    }
    this.chosen = this.rows.findIndex((each) => each.row === row);
    this.draw();
    this.settle();
  }

  stroke(mark) {
    const box = this.rows[this.chosen].boxes[mark];
    if (!box) return;
    this.change([[box, String(Number(box.value || 0) + 1)]]);
    if (!this.rows[this.chosen].whole || !this.dialog.querySelector("[data-calling-onward]").checked) return;
    this.choose((this.chosen + 1) % this.rows.filter((row) => row.whole).length); // after the last one the next ballot begins
  }

  undo() {
    const last = this.strokes.pop();
    if (!last) return;
    for (const [box, before] of last) this.put(box, before);
    this.load();
    this.chosen = this.rows.findIndex((row) => [row.written, ...Object.values(row.boxes)].includes(last[0][0]));
    this.draw();
    this.settle();
  }

  // Blank is not zero: how many boxes would be filled is said first, and whom nothing was called of is not filled with the rest.
  asking(open) {
    this.foot.hidden = open;
    this.ask.hidden = !open;
    if (!open) return;
    const { called, rest } = this.blanks();
    const all = called.length + rest.length;
    const [now, too] = ["called", "all"].map((what) => this.ask.querySelector(`[data-calling-fill="${what}"]`));
    const people = (boxes) => new Set(boxes.map((box) => box.closest(".count-row"))).size;
    this.ask.querySelector("[data-calling-ask-text]").textContent = called.length
      ? told(this.words.zeros, { people: people(called), boxes: called.length })
      : all ? told(this.words.zeros_rest, { people: people(rest), boxes: rest.length }) : this.words.zeros_none;
    now.textContent = told(this.words.fill, { boxes: called.length });
    too.textContent = told(this.words.fill_all, { boxes: all });
    now.hidden = !called.length;
    too.hidden = !rest.length;
    this.ask.querySelector(called.length ? '[data-calling-fill="called"]' : '[data-calling-fill="none"]').focus();
  }

  blanks() {
    const called = [], rest = [];
    for (const row of this.rows.filter((each) => each.whole)) {
      const boxes = Object.values(row.boxes);
      (boxes.some((box) => box.value !== "") ? called : rest).push(...boxes.filter((box) => box.value === ""));
    }
    return { called, rest };
  }

  fill(what) {
    const { called, rest } = this.blanks();
    const boxes = { none: [], called, all: [...called, ...rest] }[what];
    this.asking(false);
    if (boxes.length) this.change(boxes.map((box) => [box, "0"]));
    this.settle();
  }

  change(pairs) {
    this.strokes.push(pairs.map(([box]) => [box, box.value]));
    for (const [box, text] of pairs) this.put(box, text);
    this.draw();
  }

  put(box, text) {
    box.value = text;
    // Sums, kept in this browser at once, sent when the calling pauses: not a request for every stroke.
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }

  closed() {
    this.strokes = [];
    const box = Object.values(this.rows[this.chosen].boxes)[0];
    box.dispatchEvent(new Event("change", { bubbles: true })); // the draft goes to the server now
    box.focus();
  }

  draw() {
    const row = this.rows[this.chosen];
    const valid = Number(this.step.querySelector('.strip [data-role="valid"]')?.value || NaN);
    this.name.textContent = row.name;
    this.name.hidden = !row.name;
    if (this.other) this.other.hidden = Boolean(row.name); // not on a paper for nobody else
    for (const mark of Object.values(KEYS)) {
      const button = this.markButton(mark);
      const box = row.boxes[mark];
      const count = Number(box?.value || 0);
      button.hidden = !box || !row.name;
      button.querySelector("[data-calling-count]").textContent = box?.value || "–";
      // The one being drawn is large, those before it stand beside it.
      const before = Math.max(0, Math.ceil(count / 5) - 1);
      const small = document.createElement("span");
      if (before > SHOWN) small.append(`正 × ${before - SHOWN} ＋ `);
      for (let at = 0; at < Math.min(before, SHOWN); at += 1) small.append(drawing(5, "zheng"));
      button.querySelector("[data-calling-strokes]").replaceChildren(small, drawing(count - before * 5, "zheng zheng-big"));
    }
    this.rows.forEach((each, at) => this.drawRow(each, at, valid));
  }

  drawRow(row, at, valid) {
    const button = this.list.children[at].firstElementChild;
    const chosen = at === this.chosen;
    const figures = Object.entries(row.boxes).map(([mark, box]) => `${this.words[mark]} ${box.value || "–"}`);
    const sum = Object.values(row.boxes).reduce((total, box) => total + Number(box.value || 0), 0);
    const over = row.whole && sum > valid;
    if (row.whole) figures.push(`${over ? "▲ " : sum === valid ? "✓ " : ""}${this.words.total} ${sum}${Number.isNaN(valid) ? "" : ` / ${this.words.valid} ${valid}`}`);
    const name = row.whole ? row.name : row.name ? `${row.name}（${this.words.other}）` : `＋ ${this.words.other}`;
    const parts = [String(at + 1), name, ...(row.name ? figures : [])].map((text) => Object.assign(document.createElement("span"), { textContent: text }));
    parts.at(-1).className = over ? "is-wrong" : sum === valid && row.whole ? "is-right" : "";
    button.replaceChildren(...parts);
    button.setAttribute("aria-pressed", String(chosen));
    if (chosen) button.scrollIntoView({ block: "nearest" });
  }
}
