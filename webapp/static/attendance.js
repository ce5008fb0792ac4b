// Keeps the figures of who is present fresh while people come: asks every few seconds and moves the quorum meter. When the line is
// lost the last figures stay, and it catches up by itself. Without it they are those of the moment at which the page was opened.
const place = document.querySelector("[data-attendance]");
const EVERY = 4000;

const say = (box, value, note) => {
  box.querySelector(".stat-value").textContent = value;
  if (note !== undefined) box.querySelector(".stat-note").textContent = note;
};

export const draw = (now) => {
  const [expected, present, quorum] = place.querySelectorAll(".stat");
  say(expected, now.expected);
  say(present, now.words.present, now.words.quorum);
  present.classList.toggle("stat-ok", now.present !== null && now.holds);
  present.classList.toggle("stat-warn", now.present !== null && !now.holds);
  say(quorum, now.needed);
  const most = Math.max(now.expected, 1);
  const share = (number) => Math.min(number / most, 1);
  place.querySelector(".bar-part").setAttribute("width", (share(now.present ?? 0) * 200).toFixed(1));
  place.querySelector(".bar-tick").setAttribute("x", (share(now.needed) * 197).toFixed(1));
  place.querySelector(".target-note").textContent = now.words.meter;
  place.querySelector(".target-value").textContent = `${now.words.present} / ${now.expected}`;
  for (const venue of now.venues) {
    for (const box of document.querySelectorAll(`[data-signed="${venue.id}"]`)) box.textContent = venue.signed_in;
    for (const box of document.querySelectorAll(`[data-present="${venue.id}"]`)) box.textContent = venue.present ?? "–";
  }
};

const ask = async () => {
  if (document.hidden) return;
  try {
    const answer = await fetch(place.dataset.attendance, { headers: { Accept: "application/json" } });
    if (answer.ok) draw(await answer.json());
  } catch { /* the next time */ }
};

if (place) {
  setInterval(ask, EVERY);
  document.addEventListener("visibilitychange", ask);
}
