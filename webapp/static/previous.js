// Seats of the previous congress: Enter and the arrows go from unit to unit, the total follows what is typed.
// Without it the fields are reached by Tab and the total is that of what was saved.
const fields = [...document.querySelectorAll(".previous-seats")];
const total = document.getElementById("previous-total");
const plain = (text) => text.normalize("NFKC").replace(/\s/g, "");

const add = () => {
  const numbers = fields.map((field) => plain(field.value)).map((text) => (/^\d{1,4}$/.test(text) ? Number(text) : text ? NaN : 0));
  const sum = numbers.reduce((a, b) => a + b, 0);
  total.textContent = Number.isNaN(sum) ? "–" : sum.toLocaleString("en");
};

for (const [place, field] of fields.entries()) {
  field.addEventListener("input", add);
  field.addEventListener("focus", () => field.select());
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const step = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    // Enter in the last field is the form's own: it saves.
    const next = fields[place + step];
    if (event.key === "Enter" && !next) return;
    event.preventDefault();
    next?.focus();
  });
}
if (fields.length) add();
