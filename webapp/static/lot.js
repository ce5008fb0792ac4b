// Shows how a drawn order came about: the names as they stand on the slate, each one's sum, then everyone to their place.
// It draws nothing: all it shows stands in the page already. Who wants no motion gets the result at once.
(() => {
  const table = document.querySelector("[data-lot]");
  if (!table) return;
  const body = table.tBodies[0];
  const drawn = [...body.rows];
  const still = matchMedia("(prefers-reduced-motion: reduce)");
  const wait = (time) => new Promise((done) => setTimeout(done, time));
  let running = false;

  const show = async () => {
    if (running) return;
    running = true;
    const slate = [...drawn].sort((one, other) => one.dataset.number - other.dataset.number);
    const pause = Math.min(450, 3600 / slate.length);
    body.append(...slate);
    for (const row of slate) row.classList.add("lot-waiting", "lot-unplaced");
    document.documentElement.classList.add("lot-running"); // whoever photographs or prints it now has no order
    for (const row of slate) {
      await wait(pause);
      row.classList.remove("lot-waiting");
    }
    await wait(700);
    const before = new Map(slate.map((row) => [row, row.getBoundingClientRect().top]));
    body.append(...drawn);
    const moves = drawn.map((row) =>
      row.animate(
        [{ transform: `translateY(${before.get(row) - row.getBoundingClientRect().top}px)` }, { transform: "none" }],
        { duration: 900, easing: "ease-in-out" },
      ).finished.catch(() => {}),
    );
    await Promise.all(moves);
    for (const row of drawn) row.classList.remove("lot-unplaced");
    document.documentElement.classList.remove("lot-running");
    running = false;
  };

  document.querySelector("[data-lot-again]")?.addEventListener("click", () => { if (!still.matches) show(); });
  if (new URLSearchParams(location.search).has("drawn") && !still.matches) show();
})();
