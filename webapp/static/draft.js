// The draft of one form: saved field by field to the server, kept in this browser under (person, form) until the server has it.
// Nothing stays here once it is acknowledged; finalising and signing out wipe what is left (frame.js).
const RETRY_MS = 5000;

export class Draft {
  constructor(form, words) {
    this.form = form;
    this.words = words;
    this.key = form.dataset.draftKey;
    this.url = form.dataset.draftUrl;
    this.state = form.querySelector("[data-save-state]");
    this.sent = new Map([...form.querySelectorAll("[data-box]")].map((box) => [box.name, box.value]));
    this.busy = false;
    this.stopped = false;
    this.memory = {};
    this.failed = false;
    window.addEventListener("online", () => this.send());
    setInterval(() => this.send(), RETRY_MS);
    this.store(this.pending());
  }

  pending() {
    try {
      return JSON.parse(localStorage.getItem(this.key) ?? "{}").values ?? {};
    } catch {
      return { ...this.memory };
    }
  }

  store(values, finalising = false) {
    this.memory = { ...values };
    try {
      if (Object.keys(values).length || finalising) localStorage.setItem(this.key, JSON.stringify({ values, finalising }));
      else localStorage.removeItem(this.key);
    } catch { /* full or forbidden: memory keeps it while the page lives */ }
    for (const box of this.form.querySelectorAll("[data-box]")) box.classList.toggle("is-pending", this.failed && box.name in values);
  }

  keep(box) {
    if (this.sent.get(box.name) === box.value && !(box.name in this.pending())) return;
    this.store({ ...this.pending(), [box.name]: box.value });
    this.send();
  }

  everything() {
    return Object.fromEntries([...this.form.querySelectorAll("[data-box]")].map((box) => [box.name, box.value]));
  }

  keepAll() {
    const changed = [...this.form.querySelectorAll("[data-box]")].filter((box) => (this.sent.get(box.name) ?? "") !== box.value);
    if (changed.length) this.store({ ...this.pending(), ...Object.fromEntries(changed.map((box) => [box.name, box.value])) });
  }

  finalising() {
    this.stopped = true;
    this.store(this.pending(), true);
  }

  tell(kind, text) {
    this.state.className = `save-state is-${kind}`;
    this.state.textContent = `${{ saved: "✓ ", offline: "▲ ", refused: "▲ " }[kind] ?? ""}${text}`;
  }

  async send() {
    const values = this.pending();
    if (this.busy || this.stopped || !Object.keys(values).length) return;
    this.busy = true;
    if (!this.failed) this.tell("saving", this.words.saving);
    try {
      const answer = await fetch(this.url, {
        method: "POST",
        headers: {
          "Content-Type": "application/json",
          Accept: "application/json",
          "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content,
        },
        // The whole form each time, as it stands: a repeated or a late one does no harm.
        body: JSON.stringify({ values: this.everything(), revision: this.form.elements.revision.value }),
      });
      const body = await answer.json().catch(() => ({}));
      if (answer.ok && body.saved_at) this.acknowledged(values, body);
      else if (answer.ok || answer.status === 401) {
        // The sign-in page came instead: the draft stays in this browser until its person has signed in again.
        this.stopped = true;
        this.tell("refused", this.words.signed_out);
      } else if (answer.status < 500) {
        this.stopped = true;
        // The house's refusals come in both languages (webapp/errors.py).
        const language = document.documentElement.lang.slice(0, 2);
        this.tell("refused", `${this.words.refused}：${body.text ?? body.refused?.[0]?.[language] ?? answer.status}`);
      } else throw new Error(String(answer.status));
    } catch {
      this.failed = true;
      this.store(this.pending());
      this.tell("offline", this.words.offline);
    } finally {
      this.busy = false;
    }
    if (!this.failed && !this.stopped && Object.keys(this.pending()).length) this.send();
  }

  acknowledged(values, body) {
    const left = this.pending();
    for (const [name, value] of Object.entries(values)) {
      this.sent.set(name, value);
      if (left[name] === value) delete left[name];
    }
    const late = this.failed;
    this.failed = false;
    this.store(left);
    this.tell("saved", `${late ? this.words.resent : this.words.saved} ${body.saved_at ?? ""}`);
  }
}
