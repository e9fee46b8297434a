/** The quiet section of further options: columns, privacy, which calls, what stays. */

import { columnsPart } from "./columns.js";
import { describe, h } from "./dom.js";
import { filterValues, filtersPart } from "./filters.js";
import { group } from "./group.js";
import { gonePart, lookBackPart, rollingPart } from "./keeping.js";
import { archivePart, writingPart } from "./writing.js";

/** What the server takes when nothing is chosen. */
export const USUAL = {
  filters: { direction: null, outcomes: [], lines: [], teams: [], agents: [], tags: [] },
  columns: [],
  layout: null,
  privacy: false,
  rolling_days: null,
  when_rolled_out: "keep",
  when_gone: "mark",
  look_back_hours: 24,
  deep_look_back_days: 7,
  newest_first: false,
  archive_months: null,
  archive_by: "month",
};

/**
 * Makes the section for a table.
 * @param {object} entity
 * @param {object} table The entity itself, or one of its layouts.
 * @param {{options: object, write_mode: string, tab: object|null}} now As it is.
 * @param {boolean} isOpen Whether the section shows what is in it.
 * @returns {{element: HTMLElement, value: () => object, body: () => object,
 *   roll: (days: number) => void}} value: the options. body: what else is chosen about the flow.
 *   roll: sets the rolling window.
 */
export function moreOptions(entity, table, now, isOpen) {
  const current = now.options;
  const columns = columnsPart(table, current.columns);
  const privacy = privacyPart(current.privacy);
  columns.showPrivacy(current.privacy);
  privacy.element.addEventListener("input", () => columns.showPrivacy(privacy.value().privacy));
  const rows = entity.label.toLowerCase();
  const rolling = entity.has_start_date && rollingPart(entity, current);
  const writing = writingPart(now);
  const parts = [
    ["Columns", columns],
    table.has_private && ["Privacy", privacy],
    entity.can_filter && [`Which ${rows}`, filtersPart(current.filters)],
    rolling && ["Period", rolling],
    table.can_lose_records && ["Deleted at Aircall", gonePart(entity, current)],
    entity.has_start_date && ["Late changes", lookBackPart(entity, current)],
    ["Rows in the tab", writing],
    entity.has_start_date && ["Archive", archivePart(entity, current)],
  ].filter(Boolean);
  const element = h(
    "details",
    { class: "more", open: isOpen },
    h("summary", {}, "More options"),
    h("div", { class: "groups" }, ...parts.map(([name, part]) => group(name, part))),
  );
  const value = () => Object.assign({}, ...parts.map(([, part]) => part.value()));
  return { element, value, body: writing.body, roll: (days) => rolling.roll(days) };
}

/** Says in a few words what was chosen: pairs of a name and a text. */
export function chosenFacts(options) {
  const only = filterValues(options.filters);
  return [
    only.length && ["Only", only.join(", ")],
    options.columns.length && ["Columns", `${options.columns.length} chosen`],
    options.privacy && ["Privacy", "numbers masked, names left out"],
  ].filter(Boolean);
}

function privacyPart(isOn) {
  const input = h("input", { type: "checkbox", checked: isOn });
  const note = h(
    "p",
    { class: "note" },
    "Numbers show their last four digits only. Names of people outside, all e-mail addresses, " +
      "comments and recordings are left out.",
  );
  describe(input, note);
  return {
    element: h(
      "div",
      {},
      h("label", { class: "check" }, input, h("span", {}, "Hide who called")),
      note,
    ),
    value: () => ({ privacy: input.checked }),
    says: () => (input.checked ? "People hidden" : "Off"),
  };
}
