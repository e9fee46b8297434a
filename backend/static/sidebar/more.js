/** The quiet section of further options: which calls, which columns, privacy, what stays. */

import { field, h } from "./dom.js";

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
const ROLLING = [7, 30, 90, 180];
const WHEN_GONE = [
  ["mark", "Mark the row with the time"],
  ["remove", "Remove the row"],
  ["keep", "Leave the row as it is"],
];
const WHEN_ROLLED_OUT = [
  ["keep", "Stay in the tab"],
  ["remove", "Are removed from the tab"],
];
const NONE = {
  filters: { direction: null, outcomes: [], lines: [], teams: [], agents: [], tags: [] },
  columns: [],
  layout: null,
  privacy: false,
  rolling_days: null,
  when_rolled_out: "keep",
  when_gone: "mark",
};

/**
 * Makes the section for an entity; empty when there is nothing to choose.
 * @param {object} entity
 * @param {object} [current] The options as they are.
 * @returns {{element: HTMLElement|null, value: () => object, rolls: () => boolean}}
 */
export function moreOptions(entity, current = NONE) {
  const parts = [
    entity.layouts.length > 0 && layoutPart(entity, current),
    columnsPart(entity, current),
    entity.has_private && privacyPart(current),
    entity.can_filter && filtersPart(entity, current.filters),
    entity.has_start_date && rollingPart(entity, current),
    entity.can_lose_records && gonePart(entity, current),
  ].filter(Boolean);
  const element = parts.length
    ? h(
        "details",
        { class: "more", open: current !== NONE && isUsed(current) },
        h("summary", {}, "More options"),
        h("div", { class: "stack more-body" }, ...parts.map((part) => part.element)),
      )
    : null;
  const value = () => Object.assign({}, ...parts.map((part) => part.value()));
  return { element, value, rolls: () => Boolean(value().rolling_days) };
}

/** Says in a few words what was chosen: pairs of a name and a text. */
export function chosenFacts(options) {
  const { direction, outcomes, lines, teams, agents, tags } = options.filters;
  const only = [direction, ...outcomes, ...lines, ...teams, ...agents, ...tags].filter(Boolean);
  return [
    only.length && ["Only", only.join(", ")],
    options.columns.length && ["Columns", `${options.columns.length} chosen`],
    options.privacy && ["Privacy", "numbers masked, names left out"],
  ].filter(Boolean);
}

function isUsed(options) {
  return Object.entries(NONE).some(
    ([name, usual]) => JSON.stringify(options[name]) !== JSON.stringify(usual),
  );
}

function choice(label, choices, chosen, note = null) {
  const select = h("select", {});
  for (const [value, text] of choices) {
    select.append(h("option", { value, selected: value === chosen }, text));
  }
  return { select, element: field(label, select, note) };
}

function layoutPart(entity, current) {
  const choices = entity.layouts.map(({ name, label }) => [name ?? "", label]);
  const { select, element } = choice("Table", choices, current.layout ?? "");
  return { element, value: () => ({ layout: select.value || null }) };
}

function columnsPart(entity, current) {
  const keys = current.columns.map((column) => column.key).join();
  const presets = entity.presets.map(({ name, label, columns }) => ({
    value: name,
    label: `${label} (${columns.length})`,
    columns: name === "all" ? [] : columns.map((key) => ({ key, header: null })),
  }));
  const isRenamed = current.columns.some((column) => column.header);
  let chosen = presets.find((one) => one.columns.map(({ key }) => key).join() === keys);
  if (!chosen || isRenamed) {
    chosen = { value: "own", label: `Own choice (${current.columns.length})`, columns: current.columns };
    presets.push(chosen);
  }
  if (presets.length < 2) return null;
  const choices = presets.map(({ value, label }) => [value, label]);
  const { select, element } = choice("Columns", choices, chosen.value);
  const value = () => ({ columns: presets.find((one) => one.value === select.value).columns });
  return { element, value };
}

function privacyPart(current) {
  const input = h("input", { type: "checkbox", checked: current.privacy });
  const note = h("p", { class: "note", id: "privacy-note" });
  note.textContent =
    "Shows only the last four digits of numbers. Leaves out names, e-mail addresses, comments " +
    "and recordings of people outside.";
  input.setAttribute("aria-describedby", note.id);
  const element = h("div", {}, h("label", { class: "check" }, input, h("span", {}, "Privacy")), note);
  return { element, value: () => ({ privacy: input.checked }) };
}

function filtersPart(entity, filters) {
  const rows = entity.label.toLowerCase();
  const direction = choice("Direction", DIRECTIONS, filters.direction ?? "");
  const outcomes = outcomeChips(filters.outcomes);
  const named = NAMED.map(([name, label]) => {
    const input = h("input", {
      type: "text",
      value: filters[name].join(", "),
      placeholder: "All",
      autocomplete: "off",
      maxlength: 4000,
    });
    return { name, input, element: field(label, input) };
  });
  const element = h(
    "fieldset",
    { class: "stack" },
    h("legend", {}, `Only some ${rows}`),
    direction.element,
    outcomes.element,
    h("div", { class: "pairs" }, ...named.map((one) => one.element)),
    h("p", { class: "note" }, "Names or ids, several with commas."),
  );
  const value = () => ({
    filters: {
      direction: direction.select.value || null,
      outcomes: outcomes.value(),
      ...Object.fromEntries(named.map(({ name, input }) => [name, listed(input.value)])),
    },
  });
  return { element, value };
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
  const element = h(
    "div",
    { class: "field", role: "group", "aria-label": "Outcomes" },
    h("span", { class: "label", "aria-hidden": "true" }, "Outcomes"),
    h("div", { class: "chips chips-free" }, ...chips),
  );
  const isPressed = (chip) => chip.getAttribute("aria-pressed") === "true";
  return { element, value: () => chips.filter(isPressed).map((chip) => chip.textContent) };
}

function rollingPart(entity, current) {
  const days = [...new Set([...ROLLING, current.rolling_days].filter(Boolean))].sort((a, b) => a - b);
  const choices = [["", "Everything since the start date"]];
  choices.push(...days.map((count) => [String(count), `Only the last ${count} days`]));
  const keep = choice("Keep", choices, String(current.rolling_days ?? ""));
  const label = `Older ${entity.label.toLowerCase()}`;
  const rolled = choice(label, WHEN_ROLLED_OUT, current.when_rolled_out);
  const show = () => {
    rolled.element.hidden = keep.select.value === "";
  };
  keep.select.addEventListener("input", show);
  show();
  const value = () => ({
    rolling_days: keep.select.value ? Number(keep.select.value) : null,
    when_rolled_out: rolled.select.value,
  });
  return { element: h("div", { class: "stack" }, keep.element, rolled.element), value };
}

function gonePart(entity, current) {
  const label = `${entity.label} deleted in Aircall`;
  const { select, element } = choice(label, WHEN_GONE, current.when_gone);
  return { element, value: () => ({ when_gone: select.value }) };
}

function listed(text) {
  return text.split(",").map((part) => part.trim()).filter(Boolean);
}
