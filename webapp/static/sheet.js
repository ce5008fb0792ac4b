// The allocation sheet: a cell in focus tells its reasons in the panel beside; arrow keys walk the grid.
// Without this file every cell is a link to the same page with that cell chosen.
const sheet = document.getElementById("sheet");
const panel = document.getElementById("cell-detail");

if (sheet && panel) {
  const grid = [...sheet.querySelectorAll("tbody tr")]
    .map((row) => [...row.querySelectorAll(".cell a")])
    .filter((row) => row.length);
  const start = sheet.querySelector(".chosen a") ?? grid[0]?.[0];

  for (const row of grid) for (const cell of row) cell.tabIndex = cell === start ? 0 : -1;

  const tell = (cell) => {
    sheet.querySelectorAll(".chosen, .lit").forEach((old) => old.classList.remove("chosen", "lit"));
    cell.closest("td").classList.add("chosen");
    cell.closest("tr").classList.add("lit");
    sheet.querySelector(`th[data-column="${cell.dataset.column}"]`)?.classList.add("lit");
    panel.querySelector(".cell-empty").hidden = true;
    panel.querySelector(".cell-full").hidden = false;
    for (const slot of panel.querySelectorAll("[data-slot]")) {
      const text = cell.dataset[slot.dataset.slot] ?? "";
      slot.textContent = text;
      const row = slot.closest("[data-row]");
      if (row) row.hidden = text === "";
    }
  };

  const go = (cell) => {
    for (const row of grid) for (const other of row) other.tabIndex = -1;
    cell.tabIndex = 0;
    cell.focus();
  };

  sheet.addEventListener("focusin", (event) => {
    const cell = event.target.closest(".cell a");
    if (cell) tell(cell);
  });

  sheet.addEventListener("click", (event) => {
    const cell = event.target.closest(".cell a");
    if (!cell || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(cell);
  });

  sheet.addEventListener("keydown", (event) => {
    const cell = event.target.closest(".cell a");
    if (!cell) return;
    const y = grid.findIndex((row) => row.includes(cell));
    const x = grid[y].indexOf(cell);
    const last = grid[y].length - 1;
    const to = {
      ArrowUp: grid[y - 1]?.[x],
      ArrowDown: grid[y + 1]?.[x],
      ArrowLeft: grid[y][x - 1],
      ArrowRight: grid[y][x + 1],
      Home: event.ctrlKey ? grid[0][0] : grid[y][0],
      End: event.ctrlKey ? grid.at(-1)[last] : grid[y][last],
    }[event.key];
    if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") event.preventDefault();
    if (to) go(to);
  });
}
