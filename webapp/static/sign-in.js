// At the door: typing filters the names, ↓ and ↑ choose, Enter signs in the one that is left or chosen; whoever is signed in leaves
// the list at once and the figures move. Without a network the names stay in view and are sent when it is back. Everything
// works without it: each name is a button of a plain form.
import { draw } from "./attendance.js";

const desk = document.querySelector("[data-sign-in]");
const RETRY_MS = 5000;
const PATIENCE_MS = 15000;

if (desk) {
  const words = JSON.parse(desk.dataset.words);
  const find = desk.querySelector("#find");
  const said = desk.querySelector("[data-said]");
  const form = desk.querySelector("[data-arrivals]");
  const others = desk.querySelector("[data-others]");
  const unsent = desk.querySelector("[data-unsent]");
  const came = document.querySelector("[data-came]");
  const line = document.querySelector("[data-came-line]");
  const waiting = new Set(); // the buttons of those who came while there was no network
  let marked = null;

  const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_all, name) => values[name]);
  const branchOf = (button) => button.closest("[data-branch]").querySelector("legend").firstChild.textContent.trim();
  const apart = (button) => fill(words.apart, { name: button.dataset.name, branch: branchOf(button) });
  const names = () => [...form.querySelectorAll("[data-name]:not([hidden], :disabled)")];

  const tell = (text, wrong = false) => {
    said.textContent = text;
    said.classList.toggle("is-wrong", wrong);
  };

  const mark = (button) => {
    marked?.classList.remove("is-marked");
    marked = button ?? null;
    marked?.classList.add("is-marked");
    marked?.scrollIntoView({ block: "nearest" });
  };

  const filter = () => {
    const asked = find.value.trim();
    for (const branch of form.querySelectorAll("[data-branch]")) {
      const whole = branch.querySelector("legend").firstChild.textContent.includes(asked);
      let any = false;
      for (const button of branch.querySelectorAll("[data-name]")) {
        button.hidden = !(whole || button.dataset.name.includes(asked));
        any ||= !button.hidden;
      }
      branch.hidden = !any;
    }
    const left = names();
    mark(asked && left.length === 1 ? left[0] : null); // of namesakes nobody is taken for another
  };

  // Nobody on the list is meant: who is not expected or has come already is named, with the reason.
  const explain = () => {
    const asked = find.value.trim();
    if (!asked) return tell("");
    const found = [...others.children].filter((one) => one.dataset.who.includes(asked)).map((one) => one.textContent);
    tell(found.length ? found.slice(0, 3).join(" ") : fill(words.nobody, { name: asked }), true);
  };

  const typed = () => {
    filter();
    if (names().length || !find.value.trim()) tell("");
    else explain();
  };

  // Who came leaves the list, here or at another door.
  const leave = (button) => {
    const told = document.createElement("li");
    told.dataset.who = button.dataset.name;
    told.textContent = fill(words.here, { who: apart(button) });
    others.append(told);
    waiting.delete(button);
    const branch = button.closest("[data-branch]");
    button.remove();
    const number = branch.querySelector("[data-branch-came]");
    number.textContent = Number(number.textContent) + 1;
    if (!branch.querySelector("[data-name]")) branch.remove();
  };

  const list = (name, branch, undo) => {
    came.querySelector("[data-nobody]")?.remove();
    const item = line.content.cloneNode(true);
    item.querySelector("b").textContent = name;
    item.querySelector("span").textContent = branch;
    const back = item.querySelector("form");
    if (back) back.action = undo;
    came.prepend(item);
    const aside = came.closest(".panel").querySelector(".panel-aside");
    const [number, all] = aside.textContent.split(" / ");
    aside.textContent = `${Number(number) + 1} / ${all}`;
  };

  const showWaiting = () => {
    unsent.hidden = !waiting.size;
    unsent.querySelector("span").textContent = fill(words.away, { n: waiting.size });
    unsent.querySelector("b").textContent = [...waiting].map(apart).join("、");
    for (const button of form.querySelectorAll("[data-name]")) button.classList.toggle("is-unsent", waiting.has(button));
  };

  // True once the server has answered; false while it cannot be reached, and the name waits.
  const send = async (button) => {
    const body = new FormData(form);
    body.set("member", button.value);
    const branch = branchOf(button);
    let answer, told;
    try {
      answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status >= 500) throw new Error(String(answer.status));
    } catch {
      waiting.add(button);
      return false;
    }
    told = await answer.json().catch(() => null);
    if (answer.ok && told) {
      leave(button);
      list(told.name, branch, told.undo);
      draw(told);
      tell(`✓ ${told.told}`);
      return true;
    }
    waiting.delete(button);
    const first = told?.refused?.[0];
    if (first?.code === "meeting.signed_in_already") leave(button);
    else button.disabled = false;
    tell(first ? (document.documentElement.lang === "en" ? first.en : first.zh) : words.strange, true);
    return true;
  };

  const signIn = async (button) => {
    if (!button || button.disabled) return;
    button.disabled = true;
    find.value = "";
    find.focus();
    tell("");
    await send(button);
    showWaiting();
    filter();
  };

  let trying = false;
  const catchUp = async () => {
    if (trying || !waiting.size) return;
    trying = true;
    const all = [...waiting];
    let sent = 0;
    for (const button of all) {
      if (!(await send(button))) break;
      sent += 1;
    }
    trying = false;
    if (sent > 1) tell(fill(words.late, { n: sent }));
    showWaiting();
    filter();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(event.submitter);
  });
  desk.querySelector("[data-find-form]").addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", typed);
  find.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return; // Enter belongs to the input method while it composes
    if (event.key === "Enter") {
      event.preventDefault();
      if (marked) signIn(marked);
      else if (find.value.trim() && names().length) tell(fill(words.several, { n: names().length }), true);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const all = names();
      const at = all.indexOf(marked) + (event.key === "ArrowDown" ? 1 : -1);
      mark(all[Math.min(Math.max(at, 0), all.length - 1)]);
    }
  });
  window.addEventListener("online", catchUp);
  window.addEventListener("beforeunload", (event) => { if (waiting.size) event.preventDefault(); });
  setInterval(catchUp, RETRY_MS);
  find.focus();
  filter();
}
