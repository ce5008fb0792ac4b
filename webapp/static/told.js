// What the server found when the form was last handed in, held against the boxes as they stand now: what is mended since goes out
// of sight, at its place and on the last page. Help for the eye: at the next handing in the server judges anew.

// Sums that the page itself can weigh; the other findings stand as long as nothing of what they speak of was changed.
const SUMS = {
  "count.E.111": "present <= expected",
  "count.E.201": "issued <= present",
  "count.E.202": "returned <= issued",
  "count.E.203": "valid + spoiled = returned",
};
const boxesOf = (root) => [...root.querySelectorAll("[data-box]")];
const wrongIn = (root, part) => root?.querySelector(part)?.classList.contains("is-wrong") ?? false;
const bare = (box) => (box ? box.value.normalize("NFKC").replace(/\s/g, "") : "");
const filled = (boxes) => boxes.filter((box) => box.value !== "").map((box) => `${box.name}=${box.value}`).join("\n");

const RULES = {
  "count.E.101": ({ boxes }) => boxes.some((box) => box.value === ""),
  "count.E.301": ({ row }) => wrongIn(row, "[data-sum]"),
  "count.E.302": ({ step }) => wrongIn(step, "[data-ballots]"),
  "count.E.305": ({ boxes: [name], row, named }) => !named(bare(name)) && boxesOf(row).some((box) => box.value !== ""),
  "count.E.306": ({ boxes: [name], step }) => bare(name) !== "" && [...step.querySelectorAll('[data-box="name"]')].filter((box) => bare(box) === bare(name)).length > 1,
};
// Of these the whole table is what they speak of, not the row at which they stand.
const OF_THE_TABLE = ["count.E.303", "count.E.304"];

export class Told {
  // `weigh`: of entry.js; `named`: whether a text is a name. Made before what this browser kept is filled in.
  constructor(form, weigh, named) {
    this.form = form;
    this.weigh = weigh;
    this.findings = [...form.querySelectorAll("[data-told]")].map((element) => {
      const fields = element.dataset.of.split(" ").filter(Boolean);
      const boxes = boxesOf(form).filter(({ name }) => fields.some((field) => name === field || name.startsWith(`${field}.`)));
      const step = element.closest("[data-step]");
      const code = element.dataset.told;
      const scope = () => (OF_THE_TABLE.includes(code) ? boxesOf(step).filter((box) => box.closest(".count-row")) : boxes);
      return { element, code, step, boxes, scope, named, row: boxes[0]?.closest(".count-row"), was: filled(scope()) };
    });
  }

  stands(finding) {
    if (!finding.boxes.length && !finding.was) return true;
    const rule = RULES[finding.code];
    if (rule) return rule(finding);
    if (SUMS[finding.code]) return this.weigh(finding.step, SUMS[finding.code]).state === false;
    return filled(finding.scope()) === finding.was;
  }

  // After the sums of all steps were drawn.
  refresh() {
    for (const finding of this.findings) {
      const { element, boxes } = finding;
      const stands = this.stands(finding);
      if (!stands && !element.hidden) {
        for (const box of boxes) if (box.getAttribute("aria-describedby") === element.id) box.removeAttribute("aria-invalid");
      }
      element.hidden = !stands;
    }
    let errors = 0;
    for (const line of this.form.querySelectorAll("[data-told-at]")) {
      const element = document.getElementById(line.dataset.toldAt);
      line.hidden = element.hidden || Boolean(element.querySelector('input[name="accept"]:checked'));
      if (!line.hidden && line.matches(".finding-error")) errors += 1;
    }
    // To the scrutineer goes what the paper itself has wrong, not what is mended already.
    const button = this.form.querySelector('[value="hand_over"]');
    if (button) button.hidden = !errors;
  }

  // Errors that still stand at a step, blanks aside: those the step counts itself.
  standing(step) {
    return this.findings.filter(({ element, code, step: at }) => at === step && code !== "count.E.101" && !element.hidden && element.matches(".finding-error")).length;
  }
}
