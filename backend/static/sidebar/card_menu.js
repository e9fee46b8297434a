/** What is done with a data flow less often: the list below a card's *More*. */

import { announce, h } from "./dom.js";
import { removeQuestion, renameForm } from "./card_forms.js";
import { outsideView } from "./outside.js";
import { isPaused, pauseOrResume } from "./scheduling.js";

const DAY_MS = 24 * 3600 * 1000;

/** Makes the list. */
export function cardMenu(context, card) {
  const { flow } = card;
  const open = (make) => () => card.openDrawer(make);
  const paused = isPaused(flow);
  const items = [
    canUndo(context, flow) && [
      "Undo the last refresh",
      "The rows that it replaced come back",
      () => leave(card, card.undo()),
    ],
    [
      paused ? "Resume" : "Pause",
      paused ? "Its schedule goes on" : "Its schedule rests until you resume it",
      () => leave(card, pauseOrResume(context, card)),
    ],
    ["Rename", "Here and in messages; the tab keeps its title", open(renameForm)],
    ["Duplicate", "A paused copy with a tab of its own", () => leave(card, duplicate(context, card))],
    ["Connect other tools", "Start it from outside, or tell another program", open(outsideView)],
    ["Remove", "With its tab or without", open(removeQuestion)],
  ].filter(Boolean);
  return h(
    "ul",
    { class: "menu form", "aria-label": "More" },
    ...items.map(([name, note, act]) =>
      h(
        "li",
        {},
        h(
          "button",
          { type: "button", class: "menu-item", "aria-label": name, onclick: act },
          h("span", {}, name),
          h("span", { class: "note" }, note),
        ),
      ),
    ),
  );
}

/** Whether something may be there to go back to: what is replaced is kept for a day. */
function canUndo({ api }, { write_mode: mode, last_run: last, active_run: active }) {
  if (mode !== "replace" || active || last?.state !== "succeeded" || last.trigger === "undo") return false;
  return api.now() - Date.parse(last.ended_at) < DAY_MS;
}

async function leave(card, doing) {
  card.closeDrawer();
  await doing;
}

async function duplicate(context, card) {
  try {
    const copy = await context.api.change("POST", `/flows/${card.flow.id}/duplicate`);
    await context.reload();
    context.point(copy.id);
    announce(`${copy.label} was made; it is paused`);
  } catch (error) {
    card.complain(error, () => duplicate(context, card));
  }
}
