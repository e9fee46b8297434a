/** The schedule of a data flow: what it is now, why at that minute, and the form that changes it. */

import { announce, button, h } from "./dom.js";
import { exact, relative } from "./format.js";
import { rhythm } from "./rhythm.js";

/** Makes the form below a card. */
export function scheduleForm(context, card) {
  const { flow } = card;
  const fields = rhythm(context, flow.schedule);
  const now = h("div", { class: "schedule-now", role: "status" }, ...asItIs(context, flow));
  const save = h("button", { type: "submit", class: "button plain" }, "Save schedule");
  const form = h(
    "form",
    { class: "stack form", novalidate: true, "aria-label": "Schedule" },
    now,
    fields.element,
    h("div", { class: "buttons" }, save, button("Close", "plain", () => card.closeDrawer())),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      const body = { schedule: fields.value() };
      const changed = await context.api.change("PATCH", `/flows/${flow.id}`, body);
      card.update(changed.flow);
      fields.set(changed.flow.schedule);
      now.replaceChildren(...asItIs(context, changed.flow));
      announce("The schedule was saved");
    } catch (error) {
      card.complain(error);
    } finally {
      save.disabled = false;
    }
  });
  return form;
}

/** Lets the schedule rest, or go on. */
export async function pauseOrResume(context, card) {
  const how = isPaused(card.flow) ? "resume" : "pause";
  try {
    card.update(await context.api.change("POST", `/flows/${card.flow.id}/${how}`));
    announce(how === "pause" ? "Paused" : "Resumed");
  } catch (error) {
    card.complain(error, () => pauseOrResume(context, card));
  }
}

/** Whether a person, or something that a person has to mend, holds the schedule up. */
export function isPaused(flow) {
  return flow.is_paused || flow.paused_because !== null;
}

function asItIs(context, flow) {
  const sentence = flow.schedule.sentence;
  const lines = [h("p", { class: "headline" }, sentence[0].toUpperCase() + sentence.slice(1))];
  if (isPaused(flow)) lines.push(h("p", { class: "note" }, "Paused: nothing is refreshed by itself."));
  else if (flow.next_run_at) {
    const { api, overview } = context;
    const when = exact(flow.next_run_at, overview.spreadsheet.time_zone);
    lines.push(h("p", { class: "note" }, `Next ${relative(flow.next_run_at, api.now())}: ${when}`));
  }
  if (flow.placement) {
    lines.push(h("p", { class: "note" }, `It comes ${flow.placement}.`));
  }
  return lines;
}
