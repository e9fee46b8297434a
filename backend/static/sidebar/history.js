/** The runs of a data flow: the last ones, newest first, and what all of them came to. */

import { asApiError } from "./api.js";
import { button, h } from "./dom.js";
import { counted, exact, number, relative, span } from "./format.js";
import { problem } from "./notice.js";
import { summary } from "./result.js";

const FEW = 10;
const MOST = 100;
const STATES = {
  queued: "Waiting to start",
  running: "Running",
  waiting: "Waiting",
  succeeded: "Succeeded",
  failed: "Failed",
  cancelled: "Cancelled",
  lost: "Lost",
};
const TRIGGERS = {
  manual: "by hand",
  schedule: "by its schedule",
  retry: "tried again by itself",
  api: "from outside",
  webhook: "by a webhook",
  undo: "to take the last refresh back",
};
const ADVICE = {
  fix_by_user: "The schedule goes on when this is mended: then press Refresh now.",
  retry_later: "Callsheet tries again by itself.",
  report_bug: "Please report this; nothing was lost.",
};

/** Makes the list below a card, which fills itself. */
export function historyView(context, card) {
  const list = h("ol", { class: "runs", "aria-busy": "true" });
  const sums = h("p", { class: "note" });
  const more = button("Show more", "quiet", async () => {
    await load(MOST);
    list.children[FEW]?.querySelector("summary").focus();
  });
  more.hidden = true;
  const status = h("div", {});
  const load = async (limit) => {
    status.replaceChildren();
    try {
      const found = await context.api.read(`/flows/${card.flow.id}/runs?limit=${limit}`);
      list.replaceChildren(...found.runs.map((run) => item(context, card, run)));
      list.removeAttribute("aria-busy");
      more.hidden = limit === MOST || found.runs.length < limit;
      sums.textContent = found.runs.length ? totals(found.totals, card.rows) : "No run yet.";
    } catch (error) {
      status.replaceChildren(problem(asApiError(error), { retry: () => load(limit) }));
    }
  };
  load(FEW);
  const again = () => load(list.children.length > FEW ? MOST : FEW);
  return h(
    "section",
    { class: "stack-small form", "aria-label": "Runs", onrenew: again },
    list,
    more,
    status,
    sums,
    h("div", { class: "buttons" }, button("Close", "plain", () => card.closeDrawer())),
  );
}

function item(context, card, run) {
  const { api, overview } = context;
  const moment = run.ended_at ?? run.created_at;
  const zone = overview.spreadsheet.time_zone;
  const says = run.state === "succeeded" ? summary(run) : "";
  return h(
    "li",
    {},
    h(
      "details",
      { class: "group run" },
      h(
        "summary",
        {},
        h("span", { class: `run-mark run-${run.state}`, "aria-hidden": "true" }),
        h("span", { class: "group-name" }, STATES[run.state]),
        h("span", { class: "group-says" }, [relative(moment, api.now()), says].filter(Boolean).join(" · ")),
      ),
      h("div", { class: "stack-small group-body" }, details(run, card, zone)),
    ),
  );
}

function details(run, card, zone) {
  const { counts } = run;
  const begun = run.started_at ?? run.created_at;
  const lasted = run.ended_at ? span(Date.parse(run.ended_at) - Date.parse(begun)) : "not over yet";
  const rows = counts.rows_received > 0 && [
    ["Received", counted(counts.rows_received, card.rows)],
    ["Rows", `${summary(run)}, ${number(counts.rows_unchanged)} unchanged`],
  ];
  const pairs = [
    ["Started", `${exact(begun, zone)}, ${TRIGGERS[run.trigger]}`],
    ["Took", lasted],
    ...(rows || []),
    ["Requests", `${number(counts.source_requests)} to Aircall, ${number(counts.destination_requests)} to Google`],
  ];
  if (run.error) {
    pairs.push(["Why", run.error.message], ["What helps", ADVICE[run.error.recovery]]);
  } else if (run.state === "lost") pairs.push(["What helps", "Press Refresh now: it goes on."]);
  for (const warning of run.warnings) pairs.push(["Note", warning]);
  return h(
    "dl",
    { class: "facts" },
    ...pairs.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
  );
}

function totals(sums, rows) {
  const ends = ["succeeded", "failed", "cancelled", "lost"]
    .filter((state) => sums[state])
    .map((state) => `${number(sums[state])} ${state}`);
  const what = [
    sums.rows_added && `${number(sums.rows_added)} added`,
    sums.rows_updated && `${number(sums.rows_updated)} updated`,
    sums.rows_removed && `${number(sums.rows_removed)} removed`,
  ].filter(Boolean);
  const all = `${counted(sums.runs, "runs")} so far: ${ends.join(", ") || "none is over"}.`;
  if (!what.length) return all;
  return `${all} ${rows[0].toUpperCase()}${rows.slice(1)}: ${what.join(", ")}.`;
}
