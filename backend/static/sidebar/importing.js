/** The form that starts an import. */

import { asApiError } from "./api.js";
import { importChoices } from "./choices.js";
import { button, field, h } from "./dom.js";
import { Estimate } from "./estimate.js";
import { fixFor } from "./fixes.js";
import { USUAL } from "./more.js";
import { problem } from "./notice.js";
import { oneOfEach } from "./one_of_each.js";

/** Makes the view that asks what to import, from when and how often. */
export function importView(context) {
  const { overview } = context;
  const select = entitySelect(overview);
  const help = h("p", { class: "note" });
  const place = h("div", { class: "stack" });
  const status = h("div", {});
  const submit = h("button", { type: "submit", class: "button primary wide" });
  let entity;
  let choices;
  const estimate = new Estimate(context, (found) => choices.take(found));
  const body = () => ({ entity: entity.name, ...choices.value() });
  const choose = () => {
    entity = overview.entities.find((one) => one.name === select.value);
    const now = { since: entity.default_since, options: USUAL, write_mode: "update", tab: null };
    choices = importChoices(context, entity, now, { isNew: true });
    help.textContent = entity.help;
    submit.textContent = `Import ${entity.label.toLowerCase()}`;
    place.replaceChildren(choices.element);
    status.replaceChildren();
  };
  select.addEventListener("input", choose);
  choose();
  const follow = () => estimate.ask(body());
  const form = h(
    "form",
    { class: "stack", novalidate: true, oninput: follow },
    field("Entity", select, help),
    place,
    estimate.element,
    status,
    submit,
    overview.flows.length === 0 && oneOfEach(context),
    overview.flows.length > 0 && button("Back", "quiet", () => context.show({ focus: true })),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const another = takenBy(overview.flows).has(entity.name);
    start(context, { ...body(), another }, status, submit);
  });
  follow();
  return h(
    "section",
    { class: "stack" },
    h("h1", { tabindex: "-1" }, "Import from Aircall"),
    form,
  );
}

/** Those that are not imported yet come first; of the others, one more can be made. */
function entitySelect({ entities, flows }) {
  const taken = takenBy(flows);
  const select = h("select", {});
  for (const { name, label } of entities.filter((one) => !taken.has(one.name))) {
    select.append(h("option", { value: name }, label));
  }
  for (const { name, label } of entities.filter((one) => taken.has(one.name))) {
    select.append(h("option", { value: name }, `${label} (one more)`));
  }
  return select;
}

function takenBy(flows) {
  return new Set(flows.map((flow) => flow.entity));
}

async function start(context, body, status, submit) {
  if (body.since === "") {
    const missing = { code: "", message: "Choose a start date.", recovery: "fix_by_user" };
    status.replaceChildren(problem(missing));
    return;
  }
  submit.disabled = true;
  status.replaceChildren();
  try {
    const started = await context.api.change("POST", "/flows", body);
    context.remember(started.run.id, started.warnings);
    await context.reload({ focus: true });
  } catch (error) {
    submit.disabled = false;
    const known = asApiError(error);
    const again = () => start(context, body, status, submit);
    const fix = fixFor(known, context, again);
    const retry = known.recovery === "fix_by_user" ? null : again;
    status.replaceChildren(problem(known, { retry, fix }));
  }
}
