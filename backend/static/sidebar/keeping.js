/** What stays in the tab and what is read again: rolling window, removed records, look-back. */

import { field, h } from "./dom.js";
import { counted } from "./format.js";
import { chosenText, selectOf } from "./group.js";

const ROLLING = [7, 14, 30, 60, 90, 180, 365];
const WHEN_GONE = [
  ["mark", "Mark the row with the time"],
  ["remove", "Remove the row"],
  ["keep", "Leave the row as it is"],
];
const GONE_SAYS = { mark: "Marked", remove: "Row removed", keep: "Row stays as it is" };
const WHEN_ROLLED_OUT = [
  ["keep", "Stay in the tab"],
  ["remove", "Are removed from the tab"],
];

/** Makes the part of the rolling window. */
export function rollingPart(table, current) {
  const days = new Set([...ROLLING, current.rolling_days].filter(Boolean));
  const choices = [...days].sort((a, b) => a - b).map((count) => [String(count), lastDays(count)]);
  const kept = selectOf(
    [["", "Everything since the start date"], ...choices],
    String(current.rolling_days ?? ""),
  );
  const after = selectOf(WHEN_ROLLED_OUT, current.when_rolled_out);
  const older = field(`${table.label} that become older`, after);
  const show = () => {
    older.hidden = kept.value === "";
  };
  kept.addEventListener("input", show);
  show();
  const roll = (count) => {
    const isThere = [...kept.options].some((option) => option.value === String(count));
    if (!isThere) kept.append(h("option", { value: count }, lastDays(count)));
    kept.value = count;
    kept.dispatchEvent(new Event("input", { bubbles: true }));
  };
  return {
    roll,
    element: h("div", { class: "stack-small" }, field("Period", kept), older),
    value: () => ({
      rolling_days: kept.value ? Number(kept.value) : null,
      when_rolled_out: after.value,
    }),
    says: () => (kept.value ? `Last ${counted(Number(kept.value), "days")}` : "Since the start date"),
  };
}

function lastDays(count) {
  return `Only the last ${counted(count, "days")}`;
}

/** Makes the part of what happens to rows whose record Aircall no longer has. */
export function gonePart(table, current) {
  const gone = selectOf(WHEN_GONE, current.when_gone);
  return {
    element: field(`${table.label} that Aircall no longer has`, gone),
    value: () => ({ when_gone: gone.value }),
    says: () => GONE_SAYS[gone.value] ?? chosenText(gone),
  };
}

/** Makes the part of how far back a refresh reads again. */
export function lookBackPart(table, current) {
  const number = (value, max) =>
    h("input", { type: "number", inputmode: "numeric", min: 1, max, step: 1, value });
  const hours = number(current.look_back_hours, 1440);
  const days = number(current.deep_look_back_days, 60);
  const rows = table.label.toLowerCase();
  return {
    element: h(
      "div",
      { class: "stack-small" },
      h(
        "div",
        { class: "pairs" },
        field("Hours, each refresh", hours),
        field("Days, once a day", days),
      ),
      h(
        "p",
        { class: "note" },
        `Aircall changes ${rows} after they end: tags, comments, costs. Refreshes read the last ` +
          "hours and days again to bring this.",
      ),
    ),
    value: () => ({
      look_back_hours: whole(hours, current.look_back_hours),
      deep_look_back_days: whole(days, current.deep_look_back_days),
    }),
    says: () =>
      `${whole(hours, current.look_back_hours)} h, daily ` +
      counted(whole(days, current.deep_look_back_days), "days"),
  };
}

/** The number in a field; an empty field keeps what there was. */
function whole(input, before) {
  return input.value === "" ? before : Math.trunc(Number(input.value));
}
