/** The forms below a card: change a data flow, or remove it. */

import { button, h } from "./dom.js";
import { moreOptions } from "./more.js";
import { rhythm, startDate } from "./options.js";

/** Makes the form that changes start date, rhythm and options. */
export function changeForm(context, card) {
  const { flow, entity } = card;
  const since =
    entity?.has_start_date && flow.since
      ? startDate(context, entity, flow.since.slice(0, 10))
      : null;
  const schedule = rhythm(context, flow.schedule);
  const more = moreOptions(entity, flow.options);
  const before = JSON.stringify(more.value());
  const save = h("button", { type: "submit", class: "button plain" }, "Save");
  const moved = () =>
    since !== null &&
    !more.rolls() &&
    since.value() !== "" &&
    since.value() !== flow.since.slice(0, 10);
  const chosen = () => JSON.stringify(more.value()) !== before;
  const form = h(
    "form",
    { class: "stack form", novalidate: true, "aria-label": "Change this import" },
    since?.element ?? null,
    schedule.element,
    more.element,
    h("div", { class: "buttons" }, save, button("Cancel", "plain", () => card.closeDrawer())),
  );
  const label = () => {
    save.textContent = moved() || chosen() ? "Save and refresh" : "Save";
    if (since) since.element.hidden = more.rolls();
  };
  form.addEventListener("input", label);
  label();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = { schedule: schedule.value() };
    if (moved()) body.since = since.value();
    if (chosen()) body.options = more.value();
    save.disabled = true;
    try {
      const changed = await context.api.change("PATCH", `/flows/${flow.id}`, body);
      card.closeDrawer();
      card.warn(changed.warnings);
      card.update(changed.flow);
      if (body.since || body.options) await card.run();
      context.colour();
    } catch (error) {
      save.disabled = false;
      card.complain(error);
    }
  });
  return form;
}

/** Makes the question before a data flow is removed. */
export function removeQuestion(context, card) {
  const remove = button("Remove import", "plain danger", async () => {
    remove.disabled = true;
    try {
      await context.api.change("DELETE", `/flows/${card.flow.id}`);
      await context.reload({ focus: true });
    } catch (error) {
      remove.disabled = false;
      card.complain(error);
    }
  });
  return h(
    "div",
    { class: "stack-small form", role: "group", "aria-label": "Remove this import" },
    h("p", {}, "Remove this import? It stops refreshing. The tab and its rows stay."),
    h("div", { class: "buttons" }, remove, button("Keep it", "plain", () => card.closeDrawer())),
  );
}
