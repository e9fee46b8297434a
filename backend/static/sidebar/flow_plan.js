/** What applying a file of imports does, in words. */

import { h } from "./dom.js";
import { counted } from "./format.js";

const ACTIONS = {
  make: "new",
  change: "changes",
  remove: "is removed; its tab stays",
  leave: "is not in the file, and stays",
};
const FIELDS = {
  label: "Name",
  since: "Start date",
  schedule: "Refresh",
  paused: "Paused",
  tab: "Tab",
  write_mode: "At each refresh",
  filters: "Only",
  columns: "Columns",
  layout: "Table",
  privacy: "Privacy",
  rolling_days: "Last days",
  archive_months: "Archive after months",
};

/** Whether applying would leave everything as it is. */
export function nothingChanges(steps) {
  return steps.every(({ action }) => ["keep", "leave"].includes(action));
}

/** Says it in one line: "1 new, 2 changed, 3 as they were". */
export function planSummary(steps) {
  const count = (...actions) => steps.filter((one) => actions.includes(one.action)).length;
  const parts = [
    [count("make"), "new"],
    [count("change"), "changed"],
    [count("remove"), "removed"],
    [count("keep", "leave"), "as before"],
  ];
  return parts
    .filter(([number]) => number)
    .map(([number, what]) => `${number} ${what}`)
    .join(", ");
}

/** Makes the list of what would happen to each import; those that stay as they are only count. */
export function planList(steps) {
  const kept = steps.filter(({ action }) => action === "keep").length;
  const told = steps.filter(({ action }) => action !== "keep");
  const isOne = kept === 1;
  return h(
    "div",
    { class: "stack-small boxed" },
    nothingChanges(steps) && h("p", { class: "headline" }, "Nothing changes"),
    ...told.map(stepView),
    kept > 0 && h("p", { class: "note" }, `${counted(kept, "imports")} ${isOne ? "is" : "are"} as the file says.`),
    told.some(({ action }) => action === "make" || action === "change") &&
      h("p", { class: "note" }, "New imports begin right away; changes count from the next refresh on."),
  );
}

function stepView({ name, entity, action, changes, notes }) {
  const said = action === "make" ? `${ACTIONS.make}, ${words(entity)}` : ACTIONS[action];
  return h(
    "div",
    {},
    h("p", {}, h("span", { class: "headline" }, name), `: ${said}`),
    ...Object.entries(changes).map(([field, { before, after }]) =>
      h("p", { class: "note" }, `${FIELDS[field] ?? words(field)}: ${plain(before)} → ${plain(after)}`),
    ),
    ...notes.map((note) => h("p", { class: "note note-warning" }, note)),
  );
}

/** A value of the file as people read it. */
function plain(value) {
  if (value === null) return "as usual";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "object") {
    return Object.entries(value)
      .map(([name, given]) => (["cadence", "days"].includes(name) ? plain(given) : `${words(name)} ${plain(given)}`))
      .join(", ");
  }
  if (typeof value === "boolean") return value ? "yes" : "no";
  return words(String(value));
}

function words(text) {
  return text.replaceAll("_", " ");
}
