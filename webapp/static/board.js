// Keeps the public display fresh. Polls the JSON by its ETag (the browser's cache asks with If-None-Match) and fetches the picture
// anew only when the figures changed. When the line is lost, the last picture stays, with its time, and catches up by itself.
const figure = document.getElementById("board-figure");
const lost = document.querySelector("[data-lost]");
const asOf = document.querySelector("[data-as-of]");
const pollEvery = Number(figure.dataset.poll);
const turnEvery = Number(figure.dataset.turn);
const handheld = window.matchMedia("(max-width: 900px), (max-aspect-ratio: 5/4)");
let etag = null;
let shown = 0;
let failures = 0;

// -- contest cards -----------------------------------------------------------------------------------------------------------

const cards = () => [...figure.querySelectorAll(".contest")];
const identity = (card) => `${card?.dataset.unit}/${card?.querySelector(".contest-category").textContent}`;

const show = (index) => {
  const all = cards();
  if (!all.length) return;
  shown = ((index % all.length) + all.length) % all.length;
  all.forEach((card, at) => card.classList.toggle("is-shown", at === shown));
  figure.querySelector("[data-turn-at]").textContent = `${shown + 1} / ${all.length}`;
  const choice = figure.querySelector("[data-unit-choice]");
  if (!choice.options.length) {
    const names = new Map(all.map((card) => [card.dataset.unit, card.dataset.unitName]));
    choice.append(...[...names].map(([unit, name]) => new Option(name, unit)));
  }
  choice.value = all[shown].dataset.unit;
};

figure.addEventListener("click", (event) => {
  const button = event.target.closest("[data-turn-by]");
  if (button) show(shown + Number(button.dataset.turnBy));
});
figure.addEventListener("change", (event) => {
  if (event.target.matches("[data-unit-choice]")) show(cards().findIndex((card) => card.dataset.unit === event.target.value));
});
setInterval(() => { if (!handheld.matches) show(shown + 1); }, turnEvery);
show(0);

// -- clock and figures -------------------------------------------------------------------------------------------------------

const clock = document.querySelector("[data-clock]");
const tick = () => { clock.textContent = new Date().toTimeString().slice(0, 5); };
setInterval(tick, 1000);
tick();

const redraw = async () => {
  const answer = await fetch(figure.dataset.part, { cache: "no-cache" });
  if (!answer.ok) throw new Error(String(answer.status));
  const before = identity(cards()[shown]);
  // Our own server's page, parsed without running anything: the security policy allows no inline script either.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  figure.replaceChildren(...page.body.childNodes);
  asOf.textContent = figure.querySelector("[data-stamp]").dataset.stamp;
  show(Math.max(0, cards().findIndex((card) => identity(card) === before)));
};

const poll = async () => {
  try {
    const answer = await fetch(figure.dataset.json, { cache: "no-cache" });
    if (!answer.ok) throw new Error(String(answer.status));
    const now = answer.headers.get("ETag") ?? (await answer.clone().text());
    if (etag !== null && now !== etag || failures) await redraw();
    etag = now;
    failures = 0;
    lost.hidden = true;
  } catch {
    failures += 1;
    if (failures > 1) {
      lost.textContent = `${lost.dataset.words} ${asOf.textContent}`;
      lost.hidden = false;
    }
  }
  setTimeout(poll, pollEvery * Math.min(4, 1 + failures) + Math.random() * 500);
};
poll();
