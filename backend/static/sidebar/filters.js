/** Which calls are imported: direction, outcome, lines, teams, agents, tags. */

import { field, h } from "./dom.js";
import { selectOf } from "./group.js";

const DIRECTIONS = [
  ["", "Both directions"],
  ["inbound", "Only inbound"],
  ["outbound", "Only outbound"],
];
const OUTCOMES = [
  "answered",
  "missed",
  "abandoned",
  "voicemail",
  "unanswered outbound",
  "in progress",
];
const NAMED = [
  ["lines", "Lines"],
  ["teams", "Teams"],
  ["agents", "Agents"],
  ["tags", "Tags"],
];

/** All the values that a choice of filters names. */
export function filterValues({ direction, outcomes, lines, teams, agents, tags }) {
  return [direction, ...outcomes, ...lines, ...teams, ...agents, ...tags].filter(Boolean);
}

/** Makes the part that chooses by what calls are like. */
export function filtersPart(filters) {
  const direction = selectOf(DIRECTIONS, filters.direction ?? "");
  const outcomes = outcomeChips(filters.outcomes);
  const named = NAMED.map(([name, label]) => {
    const input = h("input", {
      type: "text",
      value: filters[name].join(", "),
      placeholder: "All",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 4000,
    });
    return { name, input, element: field(label, input) };
  });
  const chosen = () => ({
    direction: direction.value || null,
    outcomes: outcomes.value(),
    ...Object.fromEntries(named.map(({ name, input }) => [name, listed(input.value)])),
  });
  return {
    element: h(
      "div",
      { class: "stack-small" },
      field("Direction", direction),
      outcomes.element,
      h("div", { class: "pairs" }, ...named.map((one) => one.element)),
      h("p", { class: "note" }, "Names or ids, several with commas between them."),
    ),
    value: () => ({ filters: chosen() }),
    says: () => filterValues(chosen()).join(", ") || "All",
  };
}

function outcomeChips(chosen) {
  const chips = OUTCOMES.map((name) => {
    const pressed = String(chosen.includes(name));
    const chip = h("button", { type: "button", class: "chip", "aria-pressed": pressed }, name);
    chip.addEventListener("click", () => {
      chip.setAttribute("aria-pressed", String(chip.getAttribute("aria-pressed") !== "true"));
      chip.dispatchEvent(new Event("input", { bubbles: true }));
    });
    return chip;
  });
  const isPressed = (chip) => chip.getAttribute("aria-pressed") === "true";
  return {
    element: h(
      "div",
      { class: "field", role: "group", "aria-label": "Outcomes" },
      h("span", { class: "label", "aria-hidden": "true" }, "Outcomes"),
      h("div", { class: "chips-free" }, ...chips),
    ),
    value: () => chips.filter(isPressed).map((chip) => chip.textContent),
  };
}

function listed(text) {
  return text.split(",").map((part) => part.trim()).filter(Boolean);
}
