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
};

figure.addEventListener("click", (event) => {
  const button = event.target.closest("[data-turn-by]");
  if (button) show(shown + Number(button.dataset.turnBy));
});
// A unit that is chosen stays: the address says so, and the server gives its contests alone.
const withUnit = (address, unit) => {
  const place = new URL(address, location.href);
  if (unit) place.searchParams.set("unit", unit);
  else place.searchParams.delete("unit");
  return place.href;
};
figure.addEventListener("change", (event) => {
  if (!event.target.matches("[data-unit-choice]")) return;
  figure.dataset.part = withUnit(figure.dataset.part, event.target.value);
  history.replaceState(null, "", withUnit(location.href, event.target.value));
  redraw().then(() => figure.querySelector("[data-unit-choice]")?.focus()).catch(() => { failures += 1; });
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
