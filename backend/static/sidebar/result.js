/** What the last run of a data flow did, in a few words. */

import { h } from "./dom.js";
import { counted, number } from "./format.js";
import { box } from "./notice.js";

/** One line: "12 new, 3 updated". */
export function summary(run) {
  if (run.trigger === "undo") return "taken back";
  const { rows_added: added, rows_updated: updated, rows_removed: removed } = run.counts;
  const parts = [
    added && `${number(added)} new`,
    updated && `${number(updated)} updated`,
    removed && `${number(removed)} removed`,
  ].filter(Boolean);
  if (!parts.length) return "nothing new";
  return parts.join(", ");
}

/**
 * Makes the box of a run that has just succeeded.
 * @param {object} run
 * @param {object} flow
 * @param {string} rows What the rows are called, as "calls".
 * @param {boolean} isFirst Whether the tab was made by it.
 */
export function resultBox(run, flow, rows, isFirst) {
  const { counts } = run;
  const tab = flow.tab ? flow.tab.title : flow.label;
  let headline;
  if (isFirst && !counts.rows_received) headline = `No ${rows} since the start date`;
  else if (isFirst) headline = `${counted(counts.rows_received, rows)} in tab ${tab}`;
  else if (counts.rows_added) headline = `${counted(counts.rows_added, rows)} added to tab ${tab}`;
  else headline = `Tab ${tab} is up to date`;
  return box(
    "good",
    h("p", { class: "headline" }, headline),
    h(
      "dl",
      { class: "counts" },
      ...tile("New", counts.rows_added),
      ...tile("Updated", counts.rows_updated),
      ...tile("Unchanged", counts.rows_unchanged),
      ...(counts.rows_removed ? tile("Removed", counts.rows_removed) : []),
    ),
  );
}

function tile(label, value) {
  return [h("div", {}, h("dt", {}, label), h("dd", {}, number(value)))];
}

/** Makes the quality card of a run, closed, or nothing. */
export function qualityCard(quality) {
  if (!quality) return [];
  const [first, ...others] = quality.sentences;
  const rest = others.length > 1 ? `${others.length} remarks` : others[0];
  const line = [first, rest].filter(Boolean).join(" · ");
  const said = [h("span", {}, "Quality"), h("span", {}, line)];
  if (others.length < 2) return [h("p", { class: "quality quality-line" }, ...said)];
  return [
    h(
      "details",
      { class: "quality" },
      h("summary", { class: "quality-line" }, ...said),
      h("ul", {}, ...others.map((sentence) => h("li", {}, sentence))),
    ),
  ];
}

/** Makes the box of a run's warnings, or nothing. */
export function warningsBox(warnings) {
  if (!warnings.length) return [];
  return [box("warning", ...warnings.map((warning) => h("p", {}, warning)))];
}
