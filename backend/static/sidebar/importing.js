/** The form that starts an import. */

import { asApiError } from "./api.js";
import { button, field, h } from "./dom.js";
import { Estimate } from "./estimate.js";
import { moreOptions } from "./more.js";
import { problem } from "./notice.js";
import { rhythm, startDate } from "./options.js";
import { fixFor } from "./fixes.js";

/** Makes the view that asks what to import, from when and how often. */
export function importView(context) {
  const { overview } = context;
  const select = entitySelect(overview);
  const help = h("p", { class: "note" });
  const options = h("div", { class: "stack" });
  const status = h("div", {});
  const submit = h("button", { type: "submit", class: "button primary wide" });
  const estimate = new Estimate(context, (since) => chosen.since.set(since));
  let chosen;
  const follow = () => {
    if (chosen.since) chosen.since.element.hidden = chosen.more.rolls();
    const { schedule: _, ...asked } = bodyOf(chosen);
    estimate.ask(asked);
  };
  const choose = () => {
    const entity = overview.entities.find((one) => one.name === select.value);
    const since = entity.has_start_date ? startDate(context, entity, entity.default_since) : null;
    const schedule = rhythm(context, entity.default_schedule);
    const more = moreOptions(entity);
    chosen = { entity, since, schedule, more };
    help.textContent = entity.help;
    submit.textContent = `Import ${entity.label.toLowerCase()}`;
    options.replaceChildren(...[since?.element, schedule.element, more.element].filter(Boolean));
  };
  select.addEventListener("input", choose);
  choose();
  const form = h(
    "form",
    { class: "stack", novalidate: true, oninput: follow },
    field("Entity", select, help),
    options,
    estimate.element,
    status,
    submit,
    overview.flows.length > 0 && button("Back", "quiet", () => context.show()),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start(context, bodyOf(chosen), status, submit);
  });
  follow();
  return h(
    "section",
    { class: "stack" },
    h("h1", { tabindex: "-1" }, "Import from Aircall"),
    form,
  );
}

/** Those that are not imported yet come first; the others can be changed on their cards. */
function entitySelect({ entities, flows }) {
  const taken = new Set(flows.map((flow) => flow.entity));
  const select = h("select", {});
  for (const { name, label } of entities.filter((one) => !taken.has(one.name))) {
    select.append(h("option", { value: name }, label));
  }
  for (const { name, label } of entities.filter((one) => taken.has(one.name))) {
    select.append(h("option", { value: name, disabled: true }, `${label} (imported already)`));
  }
  return select;
}

function bodyOf({ entity, since, schedule, more }) {
  const body = { entity: entity.name, schedule: schedule.value(), options: more.value() };
  if (since && !more.rolls()) body.since = since.value();
  return body;
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
