// Shows what this browser still keeps of a person's entries that the server never got: to read, and to take away. Sends nothing.
// The figures are behind a question: whoever begins such a form anew has none of the old ones before their eyes.
import { names, read, remove } from "./drafts.js";

for (const panel of document.querySelectorAll("[data-kept]")) {
  const words = JSON.parse(panel.dataset.words);
  const live = JSON.parse(panel.dataset.live);
  const typing = document.querySelector("form[data-draft-key]")?.dataset.draftKey;
  const list = panel.querySelector("[data-kept-list]");
  const element = (tag, text, className) => Object.assign(document.createElement(tag), { textContent: text, className: className ?? "" });

  const shown = (key, { number, values, labels }) => {
    const part = element("div", "", "kept-form");
    part.append(element("h3", `${words.form} ${number ?? ""}`), element("p", live.includes(key) ? words.live : words.stale));
    const figures = element("dl", "", "kept-figures");
    for (const [name, value] of Object.entries(values)) {
      const pair = document.createElement("div");
      pair.append(element("dt", labels?.[name] ?? name), element("dd", value || words.blank));
      figures.append(pair);
    }
    const folded = document.createElement("details");
    folded.append(element("summary", words.figures.replace("{boxes}", Object.keys(values).length)), figures);
    part.append(folded);
    if (!live.includes(key)) {
      const button = Object.assign(element("button", words.drop, "button"), { type: "button" });
      button.addEventListener("click", async () => {
        await remove(key);
        part.remove();
        panel.hidden = !list.childElementCount;
        document.querySelector("[data-entry] .is-open [data-box], main [autofocus]")?.focus(); // where the work goes on
      });
      part.append(button);
    }
    list.append(part);
  };

  const told = new Set([typing]);
  const tell = async (key) => {
    if (told.has(key)) return;
    told.add(key);
    shown(key, await read(key));
    panel.hidden = !list.childElementCount;
  };
  document.addEventListener("draft-aside", (event) => tell(event.detail));
  for (const key of await names(panel.dataset.kept).catch(() => [])) await tell(key);
}
