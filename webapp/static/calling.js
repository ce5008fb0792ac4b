// Calling the ballots (唱票): one key is one stroke of 正 for the chosen candidate, and one more in that candidate's box. The boxes
// alone hold the figures; which stroke came after which is known only as long as the window is open, for undoing, and is never sent.
const KEYS = { 1: "for", 2: "against", 3: "abstain" };
const BACK = ["Backspace", "0", "Delete"];
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

export class Calling {
  constructor(dialog, words) {
    this.dialog = dialog;
    this.words = words;
    this.rows = [];
    this.chosen = 0;
    this.strokes = []; // of this window: lists of [box, text before]
    this.list = dialog.querySelector("[data-calling-rows]");
    dialog.addEventListener("keydown", (event) => this.key(event));
    dialog.addEventListener("click", (event) => this.click(event));
    dialog.addEventListener("close", () => this.closed());
  }

  open(step) {
    this.step = step;
    this.strokes = [];
    this.rows = [...step.querySelectorAll(".count-row")].map((row) => this.rowOf(row)).filter((row) => row.name);
    if (!this.rows.length || Object.values(this.rows[0].boxes).some((box) => box.readOnly)) return;
    this.chosen = 0;
    this.dialog.querySelector("[data-calling-of]").textContent = step.dataset.title;
    this.list.replaceChildren(...this.rows.map((row, at) => {
      const item = document.createElement("li");
      const button = Object.assign(document.createElement("button"), { type: "button", className: "calling-row" });
      button.dataset.at = at;
      item.append(button);
      return item;
    }));
    this.dialog.showModal();
    this.draw();
    this.markButton("for").focus();
  }

  // A candidate, or somebody written in whose name stands in its box already.
  rowOf(row) {
    const boxes = Object.fromEntries([...row.querySelectorAll("[data-role]")].map((box) => [box.dataset.role, box]));
    return { name: row.dataset.name ?? row.querySelector('[data-box="name"]')?.value.trim(), boxes, whole: !row.dataset.writeIn };
  }

  markButton(mark) {
    return this.dialog.querySelector(`[data-call="${mark}"]`);
  }

  key(event) {
    if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const act = KEYS[event.key] ? () => this.stroke(KEYS[event.key]) : BACK.includes(event.key) ? () => this.undo() : null;
    if (act) {
      event.preventDefault();
      if (!event.repeat) act(); // a key held down is one stroke
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      this.choose(this.chosen + (event.key === "ArrowDown" ? 1 : -1));
    } else if (event.key === "Enter" && event.target.matches("[data-call]")) {
      event.preventDefault(); // Enter goes on to the next line here as in the table; it never makes a stroke
      this.choose(this.chosen + 1);
    }
  }

  click(event) {
    const button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.call) this.stroke(button.dataset.call);
    else if (button.dataset.at) this.choose(Number(button.dataset.at));
    else if (button.matches("[data-calling-undo]")) this.undo();
    else if (button.matches("[data-calling-zeros]")) this.zeros();
    else if (button.matches("[data-calling-close]")) this.dialog.close();
  }

  choose(at) {
    this.chosen = (at + this.rows.length) % this.rows.length;
    this.draw();
  }

  stroke(mark) {
    const box = this.rows[this.chosen].boxes[mark];
    if (!box) return;
    this.change([[box, String(Number(box.value || 0) + 1)]]);
    if (this.dialog.querySelector("[data-calling-onward]").checked) this.choose(this.chosen + 1);
  }

  undo() {
    const last = this.strokes.pop();
    if (!last) return;
    for (const [box, before] of last) this.put(box, before);
    this.chosen = this.rows.findIndex((row) => Object.values(row.boxes).includes(last[0][0]));
    this.draw();
  }

  zeros() {
    const blank = this.rows.flatMap((row) => (row.whole ? Object.values(row.boxes) : [])).filter((box) => box.value === "");
    if (blank.length) this.change(blank.map((box) => [box, "0"]));
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
    this.dialog.querySelector("[data-calling-name]").textContent = row.name;
    for (const mark of Object.values(KEYS)) {
      const button = this.markButton(mark);
      const box = row.boxes[mark];
      const count = Number(box?.value || 0);
      button.hidden = !box;
      button.querySelector("[data-calling-count]").textContent = box?.value || "–";
      // The one being drawn is large, those before it stand beside it.
      const before = Math.max(0, Math.ceil(count / 5) - 1);
      const small = document.createElement("span");
      if (before > SHOWN) small.append(`正 × ${before - SHOWN} ＋ `);
      for (let at = 0; at < Math.min(before, SHOWN); at += 1) small.append(drawing(5, "zheng"));
      button.querySelector("[data-calling-strokes]").replaceChildren(small, drawing(count - before * 5, "zheng zheng-big"));
    }
    this.rows.forEach((each, at) => this.drawRow(each, this.list.children[at].firstElementChild, at === this.chosen, valid));
  }

  drawRow(row, button, chosen, valid) {
    const told = Object.entries(row.boxes).map(([mark, box]) => `${this.words[mark]} ${box.value || "–"}`);
    const sum = Object.values(row.boxes).reduce((total, box) => total + Number(box.value || 0), 0);
    const over = row.whole && sum > valid;
    if (row.whole) told.push(`${over ? "▲ " : sum === valid ? "✓ " : ""}${this.words.total} ${sum}${Number.isNaN(valid) ? "" : ` / ${this.words.valid} ${valid}`}`);
    const parts = [row.name, ...told].map((text) => Object.assign(document.createElement("span"), { textContent: text }));
    parts.at(-1).className = over ? "is-wrong" : sum === valid && row.whole ? "is-right" : "";
    button.replaceChildren(...parts);
    button.setAttribute("aria-pressed", String(chosen));
    if (chosen) button.scrollIntoView({ block: "nearest" });
  }
}
