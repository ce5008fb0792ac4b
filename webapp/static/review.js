// The whole form once more in small type at the last step, to hold against the paper: read off the boxes as they stand. Sends
// and changes nothing; what is wrong leads to its step.
const element = (tag, text = "", className = "") => Object.assign(document.createElement(tag), { textContent: text, className });
const seat = (box, words) => (box?.value ? element("td", box.value, "figure") : element("td", words.empty, "figure is-wrong"));

// 应到 实到, or 发出 收回 有效 无效.
const strip = (step, words) => {
  const list = element("dl", "", "review-strip");
  for (const cell of step.querySelectorAll("label.strip-cell")) {
    const box = cell.querySelector("[data-box]");
    const pair = document.createElement("div");
    pair.append(element("dt", cell.firstElementChild.textContent), element("dd", box.value || words.empty, box.value ? "" : "is-wrong"));
    list.append(pair);
  }
  return list;
};

const row = (source, at, words) => {
  const line = document.createElement("tr");
  const part = (role) => source.querySelector(`[data-role="${role}"]`);
  if (!("writeIn" in source.dataset)) {
    const sum = source.querySelector("[data-sum]");
    const name = Object.assign(element("th", source.dataset.name), { scope: "row" });
    line.append(element("td", String(at + 1), "seq"), name, ...["for", "against", "abstain"].map((role) => seat(part(role), words)));
    const [wrong, right] = ["is-wrong", "is-right"].map((state) => sum.classList.contains(state));
    line.append(element("td", `${wrong ? "▲ " : ""}${sum.dataset.sum}${right ? " ✓" : ""}`, `figure ${wrong ? "is-wrong" : ""}`));
    return line;
  }
  const name = source.querySelector('[data-box="name"]').value.trim();
  if (!name && !part("for").value) return null;
  const who = Object.assign(element("th", name || words.empty, name ? "" : "is-wrong"), { scope: "row" });
  line.append(element("td", words.other, "seq"), who, seat(part("for"), words), element("td", "－", "figure"), element("td", "－", "figure"), element("td"));
  return line;
};

const table = (step, words) => {
  const sheet = element("table", "", "review-table");
  const head = document.createElement("tr");
  for (const [text, className] of [[words.seq, "seq"], [words.person, ""], [words.for, "figure"], [words.against, "figure"], [words.abstain, "figure"], [words.total, "figure"]]) {
    head.append(Object.assign(element("th", text, className), { scope: "col" }));
  }
  sheet.createTHead().append(head);
  sheet.append(document.createElement("tbody"));
  sheet.tBodies[0].append(...[...step.querySelectorAll(".count-row")].map((source, at) => row(source, at, words)).filter(Boolean));
  const sums = document.createElement("tr");
  sums.append(element("td"), Object.assign(element("th", words.subtotal), { scope: "row" }));
  for (const mark of ["for", "against", "abstain"]) sums.append(element("td", step.querySelector(`[data-subtotal="${mark}"]`).textContent, "figure"));
  sums.append(element("td"));
  sheet.createTFoot().append(sums);
  return sheet;
};

// `told`: what is to be done at a step, or null where all of it is right.
export const reviewOf = (step, told, words) => {
  const part = element("section", "", `review-part ${[...step.classList].find((name) => name.startsWith("cat-")) ?? ""}`);
  const head = document.createElement("header");
  const title = element("h3");
  const dot = step.querySelector(".cat-dot");
  if (dot) title.append(dot.cloneNode(true));
  title.append(step.dataset.title);
  const what = told === null ? element("span", `✓ ${words.full}`, "good") : element("a", `▲ ${told} · ${words.goto}`, "bad");
  if (told !== null) what.href = `#${step.id}`;
  head.append(title, what);
  part.append(head, strip(step, words));
  if (step.querySelector(".count-table")) part.append(table(step, words));
  return part;
};
