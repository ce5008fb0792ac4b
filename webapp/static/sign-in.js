// At the door: typing filters the names, ↓ and ↑ choose, Enter signs in; whoever is signed in leaves the list at once and the
// figures move. Everything works without it: each name is a button of a plain form.
import { draw } from "./attendance.js";

const desk = document.querySelector("[data-sign-in]");

if (desk) {
  const find = desk.querySelector("#find");
  const said = desk.querySelector("[data-said]");
  const form = desk.querySelector("[data-arrivals]");
  const came = document.querySelector("[data-came]");
  const line = document.querySelector("[data-came-line]");
  let marked = null;

  const names = () => [...form.querySelectorAll("[data-name]:not([hidden])")];

  const mark = (button) => {
    marked?.classList.remove("is-marked");
    marked = button ?? null;
    marked?.classList.add("is-marked");
    marked?.scrollIntoView({ block: "nearest" });
  };

  const filter = () => {
    const words = find.value.trim();
    for (const branch of form.querySelectorAll("[data-branch]")) {
      const whole = branch.querySelector("legend").textContent.includes(words);
      let any = false;
      for (const button of branch.querySelectorAll("[data-name]")) {
        button.hidden = !(whole || button.dataset.name.includes(words));
        any ||= !button.hidden;
      }
      branch.hidden = !any;
    }
    mark(words ? names()[0] : null);
  };

  const tell = (words, wrong) => {
    said.textContent = words;
    said.classList.toggle("is-wrong", wrong);
  };

  // Who came leaves the list, here or at another door.
  const leave = (button) => {
    const branch = button.closest("[data-branch]");
    button.remove();
    const came = branch.querySelector("[data-branch-came]");
    came.textContent = Number(came.textContent) + 1;
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

  const signIn = async (button) => {
    if (!button || button.disabled) return;
    button.disabled = true;
    const body = new FormData(form);
    body.set("member", button.value);
    const branch = button.closest("[data-branch]").querySelector("legend").firstChild.textContent.trim();
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      const told = await answer.json();
      if (answer.ok) {
        leave(button);
        list(told.name, branch, told.undo);
        draw(told);
        tell(`${told.name} ✓`, false);
      } else {
        const [first] = told.refused;
        if (first.code === "meeting.signed_in_already") leave(button);
        else button.disabled = false;
        tell(document.documentElement.lang === "en" ? first.en : first.zh, true);
      }
    } catch {
      button.disabled = false;
      tell(desk.dataset.failed, true);
    }
    find.value = "";
    filter();
    find.focus();
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    signIn(event.submitter);
  });
  desk.querySelector("[data-find-form]").addEventListener("submit", (event) => event.preventDefault());
  find.addEventListener("input", filter);
  find.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return; // Enter belongs to the input method while it composes
    if (event.key === "Enter") {
      event.preventDefault();
      signIn(marked);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const all = names();
      const at = all.indexOf(marked) + (event.key === "ArrowDown" ? 1 : -1);
      mark(all[Math.min(Math.max(at, 0), all.length - 1)]);
    }
  });
  find.focus();
  filter();
}
