/** The schedule of a data flow: the form that changes it; pause and resume. */

import { announce, button, h } from "./dom.js";
import { Foreseen } from "./foreseen.js";
import { rhythm } from "./rhythm.js";

/** Makes the form below a card. */
export function scheduleForm(context, card) {
  const { flow } = card;
  const fields = rhythm(context, flow.schedule);
  const foreseen = new Foreseen(context, flow);
  const follow = () => foreseen.ask(fields.value());
  const save = h("button", { type: "submit", class: "button plain" }, "Save schedule");
  const form = h(
    "form",
    { class: "stack form", novalidate: true, oninput: follow, "aria-label": "Schedule" },
    fields.element,
    foreseen.element,
    h("div", { class: "buttons" }, save, button("Cancel", "plain", () => card.closeDrawer())),
  );
  follow();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      const body = { schedule: fields.value() };
      const changed = await context.api.change("PATCH", `/flows/${flow.id}`, body);
      card.closeDrawer();
      card.update(changed.flow);
      announce(`The schedule was saved: ${changed.flow.schedule.sentence}`);
    } catch (error) {
      save.disabled = false;
      card.complain(error);
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
