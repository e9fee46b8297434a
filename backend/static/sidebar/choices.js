/** All that is chosen about an import: table, start date, rhythm, further options. */

import { h } from "./dom.js";
import { counted } from "./format.js";
import { moreOptions } from "./more.js";
import { rhythm, startDate } from "./options.js";

/**
 * Makes the fields of an import.
 * @param {object} context
 * @param {object} entity
 * @param {{since: string|null, schedule: object|null, options: object}} now As it is; a schedule of
 *   null follows the table.
 * @param {{isOpen: boolean}} look isOpen: shows the further options at once.
 * @returns {{element: HTMLElement, value: () => object, take: (estimate: object) => void}} value:
 *   since, schedule and options as the API takes them. take: the period that an estimate suggests.
 */
export function importChoices(context, entity, now, { isOpen }) {
  const since = entity.has_start_date ? startDate(context, entity, now.since) : null;
  const moves = h("p", { class: "note" });
  const schedule = rhythm(context, now.schedule ?? entity.default_schedule);
  const below = h("div", { class: "stack" });
  const tables = tableChoice(entity, now.options.layout);
  let more = null;
  const build = () => {
    const table = tables.chosen();
    const isUsual = table.name === now.options.layout || tables.element === null;
    const current = isUsual ? now.options : { ...now.options, columns: [] };
    more = moreOptions(entity, table, current, more ? more.element.open : isOpen);
    below.replaceChildren(more.element);
    if (now.schedule === null) schedule.set(table.default_schedule);
  };
  tables.element?.addEventListener("input", build);
  build();
  const show = () => {
    const days = more.value().rolling_days;
    if (since) since.element.hidden = Boolean(days);
    moves.hidden = !days;
    moves.textContent = `The start date moves along: always the last ${counted(days ?? 0, "days")}.`;
  };
  const element = h(
    "div",
    { class: "stack" },
    tables.element,
    since && since.element,
    since && moves,
    schedule.element,
    below,
  );
  element.addEventListener("input", show);
  show();
  const value = () => {
    const options = more.value();
    if (entity.layouts.length) options.layout = tables.chosen().name;
    const chosen = { schedule: schedule.value(), options };
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
