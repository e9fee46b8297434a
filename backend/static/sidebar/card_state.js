/** How a data flow is when no run is going on: what its card says. */

import { button, h } from "./dom.js";
import { fixFor } from "./fixes.js";
import { day, exact, relative, upcoming } from "./format.js";
import { chosenFacts } from "./more.js";
import { box, problem } from "./notice.js";
import { qualityCard, resultBox, summary, warningsBox } from "./result.js";
import { pauseOrResume } from "./scheduling.js";

const LOST = {
  code: "lost",
  message: "The import was interrupted. Start it again: it goes on.",
  recovery: "retry_later",
};
const STALE = "Out of date: two refreshes in a row have not come. Refresh now; if that fails, it says why.";
const MODES = { replace: "all rows each time", append: "snapshots, never changed" };

/** Whether the last run went wrong; whoever cancels knows why. */
export function isFailed(run) {
  return run !== null && ["failed", "lost"].includes(run.state);
}

/** How it is in a few words, for the folded card. */
export function lineOf({ api, overview }, flow) {
  const { last_run: last, is_paused: isPaused, paused_because: why, stale_since: stale } = flow;
  const now = api.now();
  const paused = (isPaused || why) && "Paused";
  const when = last?.ended_at ? relative(last.ended_at, now) : "";
  if (isFailed(last)) return `Failed ${when}`;
  if (stale) return `Out of date since ${upcoming([stale], overview.spreadsheet.time_zone, now)}`;
  if (!last) return paused || "Not refreshed yet";
  if (last.state === "cancelled") return [paused, `Cancelled ${when}`].filter(Boolean).join(" · ");
  return paused ? `${paused} · ${when}` : `${when} · ${summary(last)}`;
}

/**
 * Makes what the card says beside its facts.
 * @param {object} context
 * @param {import("./card.js").FlowCard} card
 * @param {{isSeen: boolean, isFirst: boolean}} watched isSeen: its last run was watched to its end.
 *   isFirst: that made the tab.
 */
export function stateOf(context, card, { isSeen, isFirst }) {
  const { flow } = card;
  const last = flow.last_run;
  const parts = [];
  if (isFailed(last)) parts.push(failure(context, card, last));
  else if (flow.paused_because) parts.push(box("paused", h("p", {}, flow.paused_because)));
  else if (flow.is_paused) {
    const resume = button("Resume", "plain", () => pauseOrResume(context, card));
    const says = h("p", {}, "Paused: it is refreshed only by hand.");
    parts.push(box("paused", says, h("div", { class: "buttons" }, resume)));
  }
  if (flow.stale_since && !isFailed(last)) parts.push(box("warning", h("p", {}, STALE)));
  if (!last || isFailed(last)) return parts;
  if (last.state === "cancelled") {
    if (isSeen) parts.push(box("info", h("p", {}, "Cancelled. What was written stays, and the tab is whole.")));
    return parts;
  }
  if (isSeen && last.trigger !== "undo") parts.push(resultBox(last, flow, card.rows, isFirst));
  return [...parts, ...warningsBox(last.warnings), ...qualityCard(last.quality)];
}

function failure(context, card, run) {
  const error = run.error ?? LOST;
  const again = () => card.run();
  return problem(error, {
    retry: error.recovery === "retry_later" ? again : null,
    fix: fixFor(error, context, again, card),
    about: { run: run.id, flow: card.flow.id },
  });
}

/** Makes the facts: when it was and will be refreshed, and what was chosen. */
export function factsOf({ api, overview }, flow, isSeen) {
  const zone = overview.spreadsheet.time_zone;
  const { last_run: last, options, since } = flow;
  const when = (moment) =>
    h("time", { datetime: moment, title: exact(moment, zone) }, relative(moment, api.now()));
  const facts = [];
  if (flow.stale_since) facts.push(["Out of date", `since ${exact(flow.stale_since, zone)}`]);
  if (last?.ended_at) {
    const what = last.state === "succeeded" ? summary(last) : last.state;
    // A run that we have watched has its own box.
    facts.push(["Last refresh", when(last.ended_at), isSeen ? "" : ` · ${what}`]);
  }
  if (flow.next_run_at) {
    const how = flow.is_retried ? "tried again by itself" : flow.schedule.sentence;
    facts.push(["Next refresh", when(flow.next_run_at), ` · ${how}`]);
  } else if (flow.paused_because) facts.push(["Next refresh", "when this is mended"]);
  else facts.push(["Next refresh", flow.is_paused ? "paused" : "only by hand"]);
  if (options.rolling_days) facts.push(["Keeps", `the last ${options.rolling_days} days`]);
  else if (since) facts.push(["Start date", day(since, zone)]);
  if (MODES[flow.write_mode]) facts.push(["Writes", MODES[flow.write_mode]]);
  facts.push(...chosenFacts(options));
  return h(
    "dl",
    { class: "facts" },
    ...facts.map(([name, ...value]) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value))),
  );
}
