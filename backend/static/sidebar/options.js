/** The start date of an import, with quick picks. */

import { field, h } from "./dom.js";
import { day, daysBefore, today } from "./format.js";

const PICKS = [
  ["7 days", 7],
  ["30 days", 30],
  ["90 days", 90],
];

/**
 * Makes the field of a start date.
 * @returns {{element: HTMLElement, value: () => string, set: (since: string) => void}}
 */
export function startDate(context, entity, chosen) {
  const zone = context.overview.spreadsheet.time_zone;
  const now = today(context.api.now(), zone);
  const input = h("input", { type: "date", required: true, max: now, value: chosen });
  const note = h("p", { class: "note" });
  const set = (start) => {
    input.value = start;
    input.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const picks = PICKS.map(([label, days]) => [label, daysBefore(now, days)]);
  if (entity.earliest_since) picks.push(["6 months", entity.earliest_since]);
  const chips = picks.map(([label, start]) => {
    const chip = h("button", { type: "button", class: "chip" }, label);
    chip.addEventListener("click", () => set(start));
    return [chip, start];
  });
  const show = () => {
    for (const [chip, start] of chips) chip.setAttribute("aria-pressed", start === input.value);
    const lost = entity.earliest_since && input.value && input.value < entity.earliest_since;
    note.classList.toggle("note-warning", Boolean(lost));
    note.textContent = lost
      ? `Aircall keeps about six months: ${entity.label.toLowerCase()} before ` +
        `${day(entity.earliest_since, zone)} will not arrive.`
      : `In the spreadsheet’s time zone, ${zone.replaceAll("_", " ")}.`;
  };
  input.addEventListener("input", show);
  show();
  const row = h(
    "div",
    { class: "chips", role: "group", "aria-label": "Quick picks for the start date" },
    ...chips.map(([chip]) => chip),
  );
  const control = field("Start date", input, note);
  control.insertBefore(row, note);
  return { element: control, value: () => input.value, set };
}
