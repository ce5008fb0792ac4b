// The allocation sheet. A cell or total in focus tells its reasons in the panel beside; arrow keys walk the grid. Where the scheme may
// be changed, a digit typed on a cell goes to the panel's form, and totals, candidates and target bars follow as one types (help for
// the eye only, the server decides). Without this file every cell is a link to the same page with that cell chosen.
const sheet = document.getElementById("sheet");
const panel = document.getElementById("cell-detail");
const parts = new Map([...panel.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, part]));
const form = panel.querySelector("form[data-cell-form]");
const words = JSON.parse(sheet.dataset.words);
const whole = Number(sheet.dataset.total);
const margin = Number(sheet.dataset.margin);

const top = sheet.querySelector(".sheet-top tr");
const rows = [...sheet.querySelectorAll("tbody tr[data-unit]")];
const cells = rows.map((row) => [...row.querySelectorAll(".cell:not(.line) a")]);
const unitLines = rows.map((row) => row.querySelector(".line a"));
const categoryLines = [...top.querySelectorAll(".line a")];
const grid = [[null, ...categoryLines], ...rows.map((_, i) => [unitLines[i], ...cells[i]])];
const foot = new Map([...sheet.querySelectorAll("tfoot [data-sum]")].map((cell) => [cell.dataset.sum, cell]));
const targets = new Map([...document.querySelectorAll("[data-target]")].map((row) => [Number(row.dataset.target), row]));

// -- numbers -----------------------------------------------------------------------------------------------------------------

let typed = null; // {link, seats}: the one number that is being tried and not yet saved
const ascii = (text) => text.replace(/[０-９]/g, (digit) => String.fromCharCode(digit.charCodeAt(0) - 0xfee0)).trim();
const read = (text) => (/^\d{1,6}$/.test(ascii(text)) ? Number(ascii(text)) : null);
const tried = (link) => (typed?.link === link ? typed.seats : null);
const seatsOf = (cell) => tried(cell) ?? Number(cell.dataset.seats);
const wanted = (line) => tried(line) ?? (line.dataset.wanted === undefined ? null : Number(line.dataset.wanted));
const isShut = (cell) => cell.dataset.shut !== undefined; // no members of the category there, never a seat
const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);
const put = (element, text) => { if (element && element.textContent !== text) element.textContent = text; };
const fill = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const grouped = (number) => number.toLocaleString("en-US");

// As many candidates as the margin asks of contested seats, one for each assigned.
const candidates = (cell) => {
  const assigned = Number(cell.dataset.assigned ?? 0);
  return assigned + Math.ceil((Math.max(seatsOf(cell) - assigned, 0) * (100 + margin)) / 100);
};

const showCell = (cell) => {
  const seats = seatsOf(cell);
  const place = cell.closest("td");
  place.classList.toggle("trying", tried(cell) !== null && seats !== Number(cell.dataset.seats));
  if (seats) put(cell, String(seats));
  else cell.innerHTML = isShut(cell) ? '<span class="shut">·</span>' : '<span class="nil">–</span>';
  cell.setAttribute("aria-label", `${cell.dataset.title} ${seats}${cell.dataset.note ?? ""}`);
};

const offMark = document.getElementById("off-mark");
const showLine = (line, have, name) => {
  const want = wanted(line);
  const off = want !== null && want !== have;
  const text = off ? `${grouped(have)} / ${grouped(want)}` : grouped(have);
  for (const place of [line.closest("td"), foot.get(name)]) {
    if (!place) continue;
    const box = place.querySelector("a") ?? place;
    place.classList.toggle("off", off);
    place.classList.toggle("trying", place.contains(line) && tried(line) !== null && tried(line) !== Number(line.dataset.wanted));
    if (box.textContent.trim() !== text || !off !== !box.querySelector("svg")) {
      box.textContent = text;
      if (off) box.prepend(offMark.content.cloneNode(true));
    }
  }
  line.setAttribute("aria-label", `${line.dataset.title} ${text}${line.dataset.note ?? ""}`);
  return off ? fill(have > want ? words.more : words.less, { name: line.dataset.name, n: Math.abs(have - want) }) : null;
};

// Against the previous congress, where its number is known.
const showSince = (place, have) => {
  if (place.dataset.since === undefined) return;
  const gap = have - Number(place.dataset.since);
  if (gap) put(place, `${gap > 0 ? "+" : "−"}${Math.abs(gap)}`);
  else place.innerHTML = '<span class="nil">0</span>';
};

const showTarget = (j, have, all) => {
  const row = targets.get(j);
  if (!row) return;
  const now = all ? (100 * have) / all : 0;
  const aim = Number(row.dataset.aim);
  put(row.querySelector("[data-have]"), grouped(have));
  put(row.querySelector("[data-now]"), `${now.toFixed(1)}%`);
  put(row.querySelector("[data-gap]"), signed(now - aim));
  row.querySelector(".bar-part").setAttribute("width", (Math.min(now / Number(row.dataset.top), 1) * 200).toFixed(1));
};
const signed = (gap) => (Math.abs(gap) < 0.05 ? "0" : `${gap > 0 ? "+" : "−"}${Math.abs(gap).toFixed(1)}`);

const balance = document.getElementById("balance");
const showBalance = (all, off) => {
  const parts = off.filter(Boolean);
  const listed = parts.length > 4 ? fill(words.several, { first: parts.slice(0, 3).join(words.join), n: parts.length }) : parts.join(words.join);
  const sums = all === whole ? fill(words.equal, { total: whole }) : fill(all > whole ? words.over : words.under, { have: all, total: whole, n: Math.abs(all - whole) });
  const wrong = all !== whole || parts.length > 0;
  balance.classList.toggle("bad", wrong || balance.dataset.waits !== undefined);
  put(balance.querySelector("[data-words]"), wrong ? [words.freed, sums, listed, words.advice].filter(Boolean).join(words.stop) : balance.dataset.quiet);
};

const refresh = () => {
  const table = cells.map((row) => row.map(seatsOf));
  const columns = categoryLines.map((_, j) => sum(table.map((row) => row[j])));
  const all = sum(columns);
  const off = [
    ...unitLines.map((line, i) => showLine(line, sum(table[i]), `u${i}`)),
    ...categoryLines.map((line, j) => showLine(line, columns[j], `c${j}`)),
  ];
  const needed = cells.map((row) => sum(row.map(candidates)));
  rows.forEach((row, i) => put(row.querySelector("[data-candidates]"), grouped(needed[i])));
  rows.forEach((row, i) => showSince(row.querySelector(".since"), sum(table[i])));
  for (const cell of sheet.querySelectorAll("[data-sum='all']")) put(cell, grouped(all));
  for (const cell of sheet.querySelectorAll(".totals .since")) showSince(cell, all);
  for (const cell of sheet.querySelectorAll("[data-sum='candidates']")) put(cell, grouped(sum(needed)));
  columns.forEach((have, j) => showTarget(j, have, all));
  showBalance(all, off);
};

// -- the panel ---------------------------------------------------------------------------------------------------------------

let chosen = sheet.querySelector(".chosen a");
let asking;
const known = new Map();
const field = (name) => form.elements.namedItem(name);
const said = panel.querySelector("[data-said]");

const show = (link, html) => {
  if (link !== chosen) return;
  const answer = document.createElement("template");
  answer.innerHTML = html;
  for (const part of answer.content.querySelectorAll("[data-part]")) parts.get(part.dataset.part).replaceChildren(...part.childNodes);
  panel.classList.remove("asking");
};

// Asked once it is looked at: a key held down walks past many cells.
let looking;
const ask = (link) => {
  const address = panel.dataset.facts + new URL(link.href).search;
  asking?.abort();
  clearTimeout(looking);
  if (known.has(address)) return told(link, address);
  panel.classList.add("asking");
  looking = setTimeout(async () => {
    asking = new AbortController();
    try {
      const answer = await fetch(address, { signal: asking.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) return;
      known.set(address, await answer.text());
      told(link, address);
    } catch { /* another cell was chosen meanwhile, or the server is away */ }
  }, 60);
};
const told = (link, address) => {
  show(link, known.get(address));
  if (link === chosen) price(link);
};

// Where groups make a price long work, it comes after its cell has been looked at for a moment.
let waiting;
const price = (link) => {
  clearTimeout(waiting);
  const place = panel.querySelector("[data-price]");
  if (!place) return;
  waiting = setTimeout(async () => {
    place.setAttribute("aria-busy", "true");
    place.textContent = place.dataset.busy;
    const answer = await fetch(place.dataset.price).catch(() => null);
    if (answer?.ok) show(link, await answer.text());
  }, 400);
};

const drop = () => {
  if (!typed) return;
  const { link } = typed;
  typed = null;
  panel.classList.remove("dirty");
  if (cells.some((row) => row.includes(link))) showCell(link);
  refresh();
};

const offer = (link) => {
  if (!form) return;
  form.hidden = isShut(link);
  field("unit").value = link.dataset.unit ?? link.closest("tr").dataset.unit ?? "";
  field("category").value = link.dataset.category ?? "";
  field("seats").value = link.dataset.wanted ?? link.dataset.seats;
  field("reason").value = link.dataset.reason ?? "";
  field("locked").checked = link.dataset.locked !== "no";
  for (const old of form.querySelectorAll(".field-errors")) old.remove();
  for (const old of form.querySelectorAll("[aria-invalid]")) old.removeAttribute("aria-invalid");
};

const tell = (link) => {
  if (link === chosen) return;
  if (typed && form && said) put(said, fill(words.dropped, { title: typed.link.dataset.title }));
  else put(said, "");
  drop();
  chosen = link;
  for (const old of sheet.querySelectorAll(".chosen, .lit")) old.classList.remove("chosen", "lit");
  light(link);
  panel.classList.add("told");
  put(parts.get("head").querySelector("h3"), link.dataset.title);
  link.scrollIntoView({ block: "nearest", inline: "nearest" }); // the panel may have opened over it
  offer(link);
  ask(link);
};

const light = (link) => {
  link.closest("td").classList.add("chosen");
  link.closest("tr").classList.add("lit");
  if (link.dataset.category) sheet.querySelector(`th[data-category="${CSS.escape(link.dataset.category)}"]`)?.classList.add("lit");
};

const go = (link) => {
  for (const other of grid.flat()) if (other) other.tabIndex = -1;
  link.tabIndex = 0;
  link.focus();
};

panel.querySelector("[data-away]").addEventListener("click", (event) => {
  event.preventDefault();
  drop();
  panel.classList.remove("told");
  chosen?.closest("td").classList.remove("chosen");
  chosen = null;
});

// -- typing ------------------------------------------------------------------------------------------------------------------

const attempt = () => {
  const seats = read(field("seats").value);
  typed = seats === null ? null : { link: chosen, seats };
  panel.classList.toggle("dirty", typed !== null && seats !== Number(chosen.dataset.wanted ?? chosen.dataset.seats));
  if (!chosen.classList.contains("total")) showCell(chosen);
  refresh();
};

const restore = () => {
  offer(chosen);
  drop();
  chosen.focus();
};

if (form) {
  field("seats").addEventListener("input", (event) => { if (!event.isComposing) attempt(); });
  field("seats").addEventListener("compositionend", attempt);
  form.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") { event.preventDefault(); restore(); }
    if (event.key === "Enter" && event.target === field("seats")) {
      event.preventDefault();
      field("reason").focus();
    }
  });
  form.addEventListener("submit", () => { field("seats").value = ascii(field("seats").value); });
}

const type = (text) => {
  if (!form || form.hidden) return false;
  field("seats").focus();
  if (text === "") field("seats").select();
  else {
    field("seats").value = text;
    attempt();
  }
  return true;
};

// -- the grid ----------------------------------------------------------------------------------------------------------------

const walk = (link, key, far) => {
  const y = grid.findIndex((row) => row.includes(link));
  const x = grid[y].indexOf(link);
  const last = grid[y].length - 1;
  return {
    ArrowUp: grid[y - 1]?.[x],
    ArrowDown: grid[y + 1]?.[x],
    ArrowLeft: grid[y][x - 1],
    ArrowRight: grid[y][x + 1],
    Home: far ? grid[1][0] : grid[y][0] ?? grid[y][1],
    End: far ? grid.at(-1)[last] : grid[y][last],
  }[key];
};

sheet.addEventListener("focusin", (event) => {
  const link = event.target.closest(".cell a");
  if (link) tell(link);
});

sheet.addEventListener("click", (event) => {
  const link = event.target.closest(".cell a");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (event.detail === 0 && link === chosen && type("")) return; // Enter on the chosen cell: its number
  go(link);
});

sheet.addEventListener("dblclick", (event) => {
  if (event.target.closest(".cell a")) type("");
});

sheet.addEventListener("keydown", (event) => {
  const link = event.target.closest(".cell a");
  if (!link || event.ctrlKey && !["Home", "End"].includes(event.key) || event.metaKey || event.altKey) return;
  if (/^[0-9０-９]$/.test(event.key) && type(ascii(event.key))) event.preventDefault();
  else if (event.key.startsWith("Arrow") || event.key === "Home" || event.key === "End") {
    event.preventDefault();
    const to = walk(link, event.key, event.ctrlKey);
    if (to) go(to);
  }
});

// -- opening -----------------------------------------------------------------------------------------------------------------

const start = chosen ?? cells[0]?.[0];
for (const link of grid.flat()) if (link) link.tabIndex = link === start ? 0 : -1;
if (chosen) {
  light(chosen);
  const wrong = form?.querySelector("[aria-invalid]");
  chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
  if (form?.dataset.typed !== undefined) {
    attempt();
    wrong?.focus();
  } else {
    chosen.focus({ preventScroll: true });
    price(chosen);
  }
}
