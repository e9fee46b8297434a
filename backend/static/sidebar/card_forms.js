/** The forms below a card: change a data flow, or remove it. */

import { importChoices } from "./choices.js";
import { button, h } from "./dom.js";
import { Estimate } from "./estimate.js";

/** Makes the form that changes start date, rhythm and options. */
export function changeForm(context, card) {
  const { flow, entity } = card;
  const since = flow.since?.slice(0, 10) ?? entity.default_since;
  const now = { since, schedule: flow.schedule, options: flow.options };
  const choices = importChoices(context, entity, now, { isOpen: true });
  const before = JSON.stringify(choices.value().options);
  const estimate = new Estimate(context, (found) => choices.take(found));
  const save = h("button", { type: "submit", class: "button plain" }, "Save");
  const changes = () => {
    const { options, ...body } = choices.value();
    if (body.since === "" || body.since === since) delete body.since;
    if (JSON.stringify(options) !== before) body.options = options;
    return body;
  };
  const follow = () => {
    const body = changes();
    const isMore = Boolean(body.since || body.options);
    save.textContent = isMore ? "Save and refresh" : "Save";
    estimate.element.hidden = !isMore;
    if (isMore) estimate.ask({ entity: entity.name, ...choices.value() });
  };
  const form = h(
    "form",
    { class: "stack form", novalidate: true, oninput: follow, "aria-label": "Change this import" },
    choices.element,
    estimate.element,
    h("div", { class: "buttons" }, save, button("Cancel", "plain", () => card.closeDrawer())),
  );
  follow();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = changes();
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
