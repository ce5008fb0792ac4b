// The draft of one form: saved field by field to the server, kept in this browser under (person, form, state of the form) until
// the server has it. Nothing stays here once it is acknowledged; finalising and signing out (frame.js) wipe what is left. What the
// server refused because the form moved on stays readable (kept.js). Only the figures as they stand are kept, each time in place of
// those before; how they grew no page can read.
import { read, remove, wipe, write } from "./drafts.js";

const RETRY_MS = 5000;
const PATIENCE_MS = 15000;
const TYPING_MS = 1500;
const RESTORE_MS = 2000;

export class Draft {
  constructor(form, words) {
    this.form = form;
    this.words = words;
    this.key = form.dataset.draftKey;
    this.url = form.dataset.draftUrl;
    // Which open page this is, and whose figures it was made with: an older page never overwrites a newer one.
    this.page = { page: form.elements.page.value, after: form.elements.after.value };
    this.turn = 0;
    this.state = form.querySelector("[data-save-state]");
    this.sent = new Map(this.boxes().map((box) => [box.name, box.value]));
    this.busy = null;
    this.stopped = false; // nothing is sent any more
    this.resting = false; // nothing is kept any more either
    this.failed = false;
    this.unsent = {};
    this.writing = null;
    this.dirty = false;
    this.windows = new BroadcastChannel("drafts");
    window.addEventListener("online", () => this.send());
    window.addEventListener("offline", () => this.away());
    // The window goes: what is still only here is sent along, without waiting for an answer.
    window.addEventListener("pagehide", () => this.part());
    document.addEventListener("visibilitychange", () => { if (document.hidden) this.part(); });
    // Two windows on one entry would overwrite each other: where the other one is typed in, this one rests.
    this.windows.addEventListener("message", (event) => {
      if (event.data === this.key && !this.resting) this.rest(this.words.elsewhere);
    });
    setInterval(() => this.send(), RETRY_MS);
  }

  boxes() {
    return [...this.form.querySelectorAll("[data-box]")];
  }

  // What was typed in this browser and never reached the server.
  async restored() {
    const late = new Promise((resolve) => setTimeout(resolve, RESTORE_MS)); // a browser that keeps nothing holds up nothing
    const kept = await Promise.race([read(this.key).catch(() => null), late]);
    if (!kept) return this.unsent;
    // Nothing was saved since but by the page on which it was typed.
    if (kept.page === this.page.after.split("-")[0] || kept.after === this.page.after) {
      this.unsent = kept.values;
      this.page.took = kept.page; // it may still be sending them along as it goes
    } else await this.setAside(kept);
    return this.unsent;
  }

  // Typed here before newer figures were saved elsewhere: only to be read (kept.js).
  async setAside(kept) {
    const aside = `${this.key}:${kept.page}`;
    await write(aside, kept).then(() => remove(this.key)).catch(() => {});
    document.dispatchEvent(new CustomEvent("draft-aside", { detail: aside }));
  }

  waiting() {
    return Object.keys(this.unsent).length > 0;
  }

  store(values) {
    this.unsent = values;
    this.dirty = true;
    this.writing ??= this.writeDown();
    for (const box of this.boxes()) box.classList.toggle("is-pending", this.failed && box.name in values);
  }

  async writeDown() {
    while (this.dirty) {
      this.dirty = false;
      const draft = { number: this.form.dataset.number, values: this.unsent, labels: this.labels(this.unsent), ...this.page };
      await (this.waiting() ? write(this.key, draft) : remove(this.key)).catch(() => {}); // full or forbidden: the page still has it
    }
    this.writing = null;
  }

  // In words what each figure is, so that it can be read where the form itself is no longer shown.
  labels(values) {
    const told = (box) => [box.closest("[data-step]")?.dataset.title, box.getAttribute("aria-label")].filter(Boolean).join(" · ");
    return Object.fromEntries(this.boxes().filter((box) => box.name in values).map((box) => [box.name, told(box)]));
  }

  // At every key stroke: kept here, and sent if the typing rests. `keep`, when the box is left: sent at once.
  note(box) {
    if (this.resting || ((this.sent.get(box.name) ?? "") === box.value && !(box.name in this.unsent))) return;
    this.store({ ...this.unsent, [box.name]: box.value });
    this.windows.postMessage(this.key);
    clearTimeout(this.typing);
    this.typing = setTimeout(() => this.send(), TYPING_MS);
  }

  keep(box) {
    this.note(box);
    clearTimeout(this.typing);
    this.send();
  }

  everything() {
    return Object.fromEntries(this.boxes().map((box) => [box.name, box.value]));
  }

  // With a link that leads on: the page itself can do no more.
  lead(label) {
    const link = Object.assign(document.createElement("a"), { href: location.pathname, textContent: label, className: "button" });
    this.state.append(link);
    return link;
  }

  tell(kind, text) {
    this.state.className = `save-state is-${kind}`;
    this.state.textContent = `${{ saved: "✓ ", offline: "▲ ", refused: "▲ " }[kind] ?? ""}${text}`;
  }

  away() {
    if (this.stopped) return;
    this.failed = true;
    this.store(this.unsent);
    const left = Object.keys(this.unsent).length;
    this.tell("offline", `${this.words.offline}${left ? `（${left}）` : ""}，${this.words.later}`);
  }

  request(options = {}) {
    return fetch(this.url, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        Accept: "application/json",
        "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
      },
      // The whole form each time, as it stands, with its turn: one that comes late changes nothing any more.
      body: JSON.stringify({ values: this.everything(), revision: this.form.elements.revision.value, ...this.page, turn: ++this.turn }),
      ...options,
    });
  }

  part() {
    if (this.stopped || !this.waiting()) return;
    this.request({ keepalive: true }).catch(() => {}); // it stays here until the server is known to have it
  }

  // One request at a time; whoever asks meanwhile waits for it.
  send() {
    if (this.busy || this.stopped || !this.waiting()) return this.busy;
    this.busy = this.attempt().finally(() => {
      this.busy = null;
      if (!this.failed && !this.stopped && !this.unreadable && this.waiting()) this.send();
    });
    return this.busy;
  }

  async attempt() {
    const values = this.unsent;
    this.unreadable = false;
    if (!this.failed) this.tell("saving", this.words.saving);
    let answer, body;
    try {
      answer = await this.request({ signal: AbortSignal.timeout(PATIENCE_MS) });
      body = await answer.json().catch(() => ({}));
      if (answer.status >= 500) throw new Error(String(answer.status));
    } catch {
      this.away();
      return;
    }
    if (answer.ok && body.saved_at) this.acknowledged(values, body);
    else this.refused(answer.status, body.refused?.[0]);
  }

  acknowledged(values, body) {
    const left = { ...this.unsent };
    for (const [name, value] of Object.entries(values)) {
      this.sent.set(name, value);
      if (left[name] === value) delete left[name];
    }
    const late = this.failed;
    this.failed = false;
    this.store(left);
    this.tell("saved", `${late ? this.words.resent : this.words.saved} ${body.saved_at}`);
  }

  refused(status, refusal) {
    // The house's refusals come in both languages (webapp/errors.py).
    const told = refusal?.[document.documentElement.lang.slice(0, 2)] ?? String(status);
    if (status === 422) {
      // A field that cannot be read: it is mended here, and the next change is sent again.
      this.unreadable = true;
      this.tell("refused", `${this.words.refused}：${told}`);
      return;
    }
    this.stopped = true;
    if (["people.sign_in_first", "web.form_expired"].includes(refusal?.code)) {
      this.tell("refused", this.words.signed_out);
      this.lead(this.words.sign_in);
      return;
    }
    // The form moved on: everything typed stays here to be read, nothing can be typed into a form that is no longer this one.
    this.store(Object.fromEntries(this.boxes().filter((box) => box.value !== "").map((box) => [box.name, box.value])));
    this.rest(`${this.words.refused}：${told}${this.words.readable}`);
    const link = this.state.lastChild;
    link.focus();
    // An Enter still meant for a box leads nowhere.
    const from = performance.now();
    link.addEventListener("click", (event) => { if (performance.now() - from < 1500) event.preventDefault(); });
  }

  rest(text) {
    this.stopped = this.resting = true;
    for (const box of this.boxes()) box.readOnly = true;
    this.tell("refused", text);
    this.lead(this.words.reopen);
  }

  // Before the form is handed in: true when it may be posted. A field that cannot be read may: the page says so at its place.
  async delivered() {
    for (const box of this.boxes()) this.note(box);
    while (!this.stopped && this.waiting()) {
      await this.send();
      if (this.failed) return false;
      if (this.unreadable) return true;
    }
    return !this.stopped;
  }

  // Everything that this browser keeps of this person's entries of the form.
  async wipe() {
    this.stopped = this.resting = true;
    await this.writing;
    await wipe(this.key.slice(0, this.key.lastIndexOf(":") + 1)).catch(() => {});
  }
}
