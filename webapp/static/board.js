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
const identity = (page) => page?.[0].card.dataset.contest ?? "";
let pages = [];

// A contest with more names than the picture has room for goes over several pages, as even as they can be.
const slices = (card, room) => {
  const rows = [...card.querySelectorAll("li")];
  const tall = (element) => element.getBoundingClientRect().height; // offsetHeight rounds, and thirty rows add it up
  const left = room - (tall(card) - rows.reduce((sum, row) => sum + tall(row), 0));
  const cut = (most) => {
    const found = [];
    let used = Infinity;
    rows.forEach((row, at) => {
      if (used + tall(row) > left || at - found.at(-1)?.from >= most) {
        found.push({ card, from: at, to: at });
        used = 0;
      }
      used += tall(row);
      found.at(-1).to = at + 1;
    });
    return found;
  };
  const full = cut(Infinity);
  const even = cut(Math.ceil(rows.length / full.length));
  return even.length > full.length ? full : even;
};

// A page is one unit: as many of its contests as the picture has room for, on a phone all of them. A contest that has its page to
// itself and fits is drawn larger.
const paginate = () => {
  const frame = figure.querySelector("[data-contests]");
  if (!frame) return [];
  const all = cards();
  for (const row of frame.querySelectorAll("li")) row.hidden = false;
  for (const mark of frame.querySelectorAll("[data-part-of]")) mark.hidden = true;
  for (const card of all) card.classList.add("is-shown", "is-shared");
  const room = handheld.matches ? Infinity : frame.clientHeight;
  const found = [];
  let used = 0;
  for (const card of all) {
    const page = found.at(-1);
    card.classList.toggle("follows", page?.[0].card.dataset.unit === card.dataset.unit);
    const height = card.offsetHeight + parseFloat(getComputedStyle(card).marginTop);
    if (card.classList.contains("follows") && used + height <= room) {
      page.push({ card });
      used += height;
    } else {
      card.classList.remove("follows");
      found.push([{ card }]);
      used = card.offsetHeight;
    }
  }
  for (const page of found) page[0].card.classList.toggle("is-shared", page.length > 1);
  return found.flatMap((page) => {
    const { card } = page[0];
    if (page.length > 1 || card.offsetHeight <= room) return [page];
    card.classList.add("is-shared");
    // Before anything is measured: with these words in it the header may be a line higher.
    const mark = card.querySelector("[data-part-of]");
    const all = card.querySelectorAll("li").length;
    mark.textContent = `${all}–${all} / ${all}`;
    mark.hidden = false;
    return slices(card, room).map((slice) => [slice]);
  });
};

const show = (index) => {
  if (!pages.length) return;
  shown = ((index % pages.length) + pages.length) % pages.length;
  for (const card of cards()) card.classList.remove("is-shown");
  for (const { card, from, to } of pages[shown]) {
    card.classList.add("is-shown");
    if (to === undefined) continue;
    const rows = [...card.querySelectorAll("li")];
    rows.forEach((row, at) => { row.hidden = at < from || at >= to; });
    card.querySelector("[data-part-of]").textContent = `${from + 1}–${to} / ${rows.length}`;
  }
  figure.querySelector("[data-turn-at]").textContent = `${shown + 1} / ${pages.length}`;
};

// The page with this contest, the first where it is gone; of a contest over several pages the same one.
const showWith = (wanted, nth = 0) => {
  pages = paginate();
  const first = pages.findIndex((page) => page.some(({ card }) => card.dataset.contest === wanted));
  show(Math.max(0, identity(pages[first + nth]) === wanted ? first + nth : first));
};
const again = () => {
  const wanted = identity(pages[shown]);
  showWith(wanted, shown - pages.findIndex((page) => identity(page) === wanted));
};

// Who turns a page by hand reads it: it stays as long as any other.
let turning = null;
const turnBy = (step) => {
  show(shown + step);
  clearInterval(turning);
  turning = setInterval(() => { if (!handheld.matches) show(shown + 1); }, turnEvery);
};
figure.addEventListener("click", (event) => {
  const button = event.target.closest("[data-turn-by]");
  if (button) turnBy(Number(button.dataset.turnBy));
});
const keys = { ArrowLeft: -1, ArrowRight: 1, PageUp: -1, PageDown: 1 };
document.addEventListener("keydown", (event) => {
  if (!(event.key in keys) || event.ctrlKey || event.altKey || event.metaKey || event.target.matches("select")) return;
  if (handheld.matches && event.key.startsWith("Page")) return;
  event.preventDefault();
  turnBy(keys[event.key]);
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
showWith("");
turnBy(0);
// What fits depends on the screen and on the letters that arrive after the page.
window.addEventListener("resize", again);
document.fonts.ready.then(again);

// -- clock and figures -------------------------------------------------------------------------------------------------------

const clock = document.querySelector("[data-clock]");
const tick = () => { clock.textContent = new Date().toTimeString().slice(0, 5); };
setInterval(tick, 1000);
tick();

const redraw = async () => {
  const answer = await fetch(figure.dataset.part, { cache: "no-cache" });
  if (!answer.ok) throw new Error(String(answer.status));
  // Our own server's page, parsed without running anything: the security policy allows no inline script either.
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  figure.replaceChildren(...page.body.childNodes);
  asOf.textContent = figure.querySelector("[data-stamp]").dataset.stamp;
  asOf.parentElement.hidden = !asOf.textContent;
  again();
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
