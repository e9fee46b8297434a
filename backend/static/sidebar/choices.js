/** All that is chosen about an import: table, start date, schedule, further options. */

import { h } from "./dom.js";
import { Foreseen } from "./foreseen.js";
import { counted } from "./format.js";
import { group } from "./group.js";
import { moreOptions } from "./more.js";
import { startDate } from "./options.js";
import { rhythm } from "./rhythm.js";

/**
 * Makes the fields of an import.
 * @param {object} context
 * @param {object} entity
 * @param {{since: string|null, options: object, write_mode: string, tab: object|null}} now As it is.
 * @param {{isNew: boolean}} look isNew: with the schedule, which follows the table at first, and
 *   with the further options folded away.
 * @returns {{element: HTMLElement, value: () => object, take: (estimate: object) => void}} value:
 *   as the API takes it. take: the period that an estimate suggests.
 */
export function importChoices(context, entity, now, { isNew }) {
  const since = entity.has_start_date ? startDate(context, entity, now.since) : null;
  const moves = h("p", { class: "note" });
  const schedule = isNew && rhythm(context, entity.default_schedule, (part) => group("Times", part));
  const foreseen = isNew && new Foreseen(context, null);
  const below = h("div", { class: "stack" });
  const tables = tableChoice(entity, now.options.layout);
  let more = null;
  const build = () => {
    const table = tables.chosen();
    const isUsual = table.name === now.options.layout || tables.element === null;
    const options = isUsual ? now.options : { ...now.options, columns: [] };
    more = moreOptions(entity, table, { ...now, options }, more ? more.element.open : !isNew);
    below.replaceChildren(more.element);
    if (schedule) schedule.set(table.default_schedule);
  };
  tables.element?.addEventListener("input", build);
  build();
  const show = () => {
    const days = more.value().rolling_days;
    if (since) since.element.hidden = Boolean(days);
    moves.hidden = !days;
    moves.textContent = `The start date moves along: always the last ${counted(days ?? 0, "days")}.`;
    if (foreseen) foreseen.ask(schedule.value());
  };
  const element = h(
    "div",
    { class: "stack" },
    tables.element,
    since && since.element,
    since && moves,
    schedule && h("div", { class: "stack-small" }, schedule.element, foreseen.element),
    below,
  );
  element.addEventListener("input", show);
  show();
  const value = () => {
    const options = more.value();
    if (entity.layouts.length) options.layout = tables.chosen().name;
    const chosen = { ...more.body(), options };
    if (schedule) chosen.schedule = schedule.value();
    if (since && !options.rolling_days) chosen.since = since.value();
    return chosen;
  };
  const take = ({ suggested_days: days, suggested_since: first }) => {
    if (more.value().rolling_days) more.roll(days);
    else since.set(first);
  };
  return { element, value, take };
}

let groups = 0;

/** Makes the choice between the tables that an entity can be, or none. */
function tableChoice(entity, chosen) {
  if (!entity.layouts.length) return { element: null, chosen: () => entity };
  groups += 1;
  const inputs = entity.layouts.map((layout) =>
    h("input", {
      type: "radio",
      name: `table-${groups}`,
      value: layout.name ?? "",
      checked: layout.name === chosen,
    }),
  );
  const help = h("p", { class: "note" });
  const table = () => entity.layouts[inputs.findIndex((input) => input.checked)];
  const element = h(
    "fieldset",
    { class: "field" },
    h("legend", {}, "Table"),
    ...entity.layouts.map(({ label }, index) =>
      h("label", { class: "check" }, inputs[index], h("span", {}, label)),
    ),
    help,
  );
  const show = () => {
    help.textContent = table().name === null ? "" : table().help;
    help.hidden = help.textContent === "";
  };
  element.addEventListener("input", show);
  show();
  return { element, chosen: table };
}
