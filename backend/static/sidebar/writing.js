/** How rows reach the tab: write mode, order, title of the tab, archive of old rows. */

import { field, h } from "./dom.js";
import { counted } from "./format.js";
import { chosenText, selectOf } from "./group.js";

const MODES = [
  ["update", "Update rows, add new ones"],
  ["replace", "Replace all rows each time"],
  ["append", "Keep snapshots: add, never change"],
];
const MODE_NOTES = {
  update: "A row follows its record; your columns beside it stay with it.",
  replace: "The tab holds what the last refresh read. What it replaced is kept for a day.",
  append: "A record gets another row when it has changed, with the time it was read.",
};
const MODE_SAYS = { update: "Updated", replace: "Replaced", append: "Snapshots" };
const ORDERS = [
  ["last", "At the end"],
  ["first", "On top"],
];
const KEPT_MONTHS = [1, 2, 3, 6, 12, 24];
const BY = [
  ["month", "One tab a month"],
  ["year", "One tab a year"],
];

/**
 * Makes the part of write mode, order and title of the tab.
 * @param {{write_mode: string, tab: object|null, options: object}} now As it is.
 * @returns {{element: HTMLElement, value: () => object, body: () => object, says: () => string}}
 *   value: what belongs to the options. body: what does not.
 */
export function writingPart(now) {
  const mode = selectOf(MODES, now.write_mode);
  const note = h("p", { class: "note" });
  const order = selectOf(ORDERS, now.options.newest_first ? "first" : "last");
  const title = h("input", { type: "text", maxlength: 100, placeholder: "Named after what is in it" });
  const show = () => {
    note.textContent = MODE_NOTES[mode.value];
  };
  mode.addEventListener("input", show);
  show();
  const isNew = now.tab === null;
  const body = () => {
    const given = { write_mode: mode.value };
    if (isNew && title.value.trim()) given.tab = title.value.trim();
    return given;
  };
  return {
    element: h(
      "div",
      { class: "stack-small" },
      isNew && field("Title of the new tab", title),
      field("At each refresh", mode, note),
      field("New rows", order),
    ),
    value: () => ({ newest_first: order.value === "first" }),
    body,
    says: () => [MODE_SAYS[mode.value], order.value === "first" && "newest first"].filter(Boolean).join(", "),
  };
}

/** Makes the part of old rows that move to tabs of their own. */
export function archivePart(entity, current) {
  const rows = entity.label.toLowerCase();
  const months = new Set([...KEPT_MONTHS, current.archive_months].filter(Boolean));
  const choices = [...months].sort((a, b) => a - b).map((count) => [String(count), afterMonths(count)]);
  const after = selectOf([["", "Stay in the tab"], ...choices], String(current.archive_months ?? ""));
  const by = selectOf(BY, current.archive_by);
  const tabs = field("Archive tabs", by);
  const show = () => {
    tabs.hidden = after.value === "";
  };
  after.addEventListener("input", show);
  show();
  return {
    element: h("div", { class: "stack-small" }, field(`Old ${rows}`, after), tabs),
    value: () => ({ archive_months: after.value ? Number(after.value) : null, archive_by: by.value }),
    says: () => (after.value ? chosenText(after).replace("Move to archive tabs after", "After") : "Off"),
  };
}

function afterMonths(count) {
  return `Move to archive tabs after ${counted(count, "months")}`;
}
