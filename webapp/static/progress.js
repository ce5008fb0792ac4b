// Long work behind a form: while its answer is awaited, asks the server how far it has come and shows it as a bar. The form itself
// is sent as always; without this script only the bar is missing.
const bar = document.querySelector("[data-progress-bar]");

const show = (words, percent) => {
  bar.hidden = false;
  bar.querySelector("[data-words]").textContent = words;
  const meter = bar.querySelector("progress");
  if (percent === null) meter.removeAttribute("value");
  else meter.value = percent;
};

const watch = async (address) => {
  let answer = { percent: null };
  try {
    answer = await (await fetch(address, { headers: { Accept: "application/json" } })).json();
  } catch { /* the next time */ }
  if (answer.percent !== null) show(answer.words, answer.percent);
  timer = setTimeout(watch, 400, address);
};

let timer;
document.addEventListener("submit", (event) => {
  const address = event.target.dataset.progress;
  if (!bar || !address || event.defaultPrevented) return;
  show(bar.dataset.sending, null);
  clearTimeout(timer);
  watch(address);
});
window.addEventListener("pageshow", () => {
  clearTimeout(timer);
  if (bar) bar.hidden = true;
});
