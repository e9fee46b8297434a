/** The forms below a card: change a data flow's options, rename it, or remove it. */

import { importChoices } from "./choices.js";
import { announce, button, describe, field, h } from "./dom.js";
import { Estimate } from "./estimate.js";

/** Makes the form that changes start date and options. */
export function changeForm(context, card) {
  const { flow, entity } = card;
  const since = flow.since?.slice(0, 10) ?? entity.default_since;
  const choices = importChoices(context, entity, { ...flow, since }, { isNew: false });
  const before = choices.value();
  const estimate = new Estimate(context, (found) => choices.take(found));
  const save = h("button", { type: "submit", class: "button plain" }, "Save");
  const changes = () => {
    const now = choices.value();
    const isOther = (name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]);
    return Object.fromEntries(Object.entries(now).filter(([name, given]) => given !== "" && isOther(name)));
  };
  const follow = () => {
    const body = changes();
    const isMore = Object.keys(body).length > 0;
    const isRead = Boolean(body.since || body.options);
    save.textContent = isMore ? "Save and refresh" : "Save";
    estimate.element.hidden = !isRead;
    if (isRead) estimate.ask({ entity: entity.name, ...choices.value() });
  };
  const form = h(
    "form",
    { class: "stack form", novalidate: true, oninput: follow, "aria-label": "Options" },
    choices.element,
    estimate.element,
    h("div", { class: "buttons" }, save, button("Cancel", "plain", () => card.closeDrawer())),
  );
  follow();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const body = changes();
    if (!Object.keys(body).length) return card.closeDrawer();
    save.disabled = true;
    try {
      const changed = await context.api.change("PATCH", `/flows/${flow.id}`, body);
      card.closeDrawer();
      card.warn(changed.warnings);
      card.update(changed.flow);
      await card.run();
      context.colour();
    } catch (error) {
      save.disabled = false;
      card.complain(error);
    }
  });
  return form;
}

/** Makes the form of another label. */
export function renameForm(context, card) {
  const { flow } = card;
  const input = h("input", { type: "text", maxlength: 200, value: flow.label });
  const note = h("p", { class: "note" }, "Empty: named after its tab again. The tab keeps its title.");
  describe(input, note);
  const save = h("button", { type: "submit", class: "button plain" }, "Rename");
  const form = h(
    "form",
    { class: "stack form", novalidate: true, "aria-label": "Rename this import" },
    field("Name of this import", input, note),
    h("div", { class: "buttons" }, save, button("Cancel", "plain", () => card.closeDrawer())),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    try {
      const body = { label: input.value };
      const { flow: changed } = await context.api.change("PATCH", `/flows/${flow.id}`, body);
      card.closeDrawer();
      card.update(changed);
      announce(`Renamed to ${changed.label}`);
    } catch (error) {
      save.disabled = false;
      card.complain(error);
    }
  });
  return form;
}

/** Makes the question before a data flow is removed, with or without its tab. */
export function removeQuestion(context, card) {
  const { flow } = card;
  const name = `tab-${flow.id}`;
  const choice = (text, value, checked) => {
    const input = h("input", { type: "radio", name, value, checked });
    return [input, h("label", { class: "check" }, input, h("span", {}, text))];
  };
  const [, keep] = choice("Keep the tab and its rows", "keep", true);
  const [withTab, drop] = choice("Delete the tab too, with your own columns", "delete", false);
  const remove = button("Remove import", "plain danger", async () => {
    remove.disabled = true;
    try {
      await context.api.change("DELETE", `/flows/${flow.id}?with_tab=${withTab.checked}`);
      announce("Removed");
      await context.reload({ focus: true });
    } catch (error) {
      remove.disabled = false;
      card.complain(error);
    }
  });
  return h(
    "div",
    { class: "stack-small form", role: "group", "aria-label": "Remove this import" },
    h("p", {}, "Remove this import? It stops refreshing, and its key and webhook end."),
    flow.tab && h("fieldset", { class: "field" }, h("legend", { class: "hidden-text" }, "Its tab"), keep, drop),
    h("div", { class: "buttons" }, remove, button("Keep it", "plain", () => card.closeDrawer())),
  );
}
