/** A quiet line of the further options: its name, what is chosen, and the fields when opened. */

import { h } from "./dom.js";

/**
 * Makes the line of a part.
 * @param {string} name
 * @param {{element: HTMLElement, says: () => string}} part says: what is chosen, in few words.
 */
export function group(name, part) {
  const says = h("span", { class: "group-says" });
  const element = h(
    "details",
    { class: "group" },
    h("summary", {}, h("span", { class: "group-name" }, name), says),
    h("div", { class: "stack-small group-body" }, part.element),
  );
  const show = () => {
    says.textContent = part.says();
  };
  element.addEventListener("input", show);
  show();
  return element;
}

/**
 * Makes a list to choose one value from.
 * @param {[string, string][]} choices Values with their texts.
 * @param {string} chosen
 */
export function selectOf(choices, chosen) {
  const select = h("select", {});
  for (const [value, text] of choices) {
    select.append(h("option", { value, selected: value === chosen }, text));
  }
  return select;
}

/** The text of what is chosen in a list. */
export function chosenText(select) {
  return select.selectedOptions[0]?.textContent ?? "";
}
