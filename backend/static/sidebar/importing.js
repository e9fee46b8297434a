/** The form that starts an import. */

import { asApiError } from "./api.js";
import { button, field, h } from "./dom.js";
import { problem } from "./notice.js";
import { rhythm, startDate } from "./options.js";
import { fixFor } from "./fixes.js";

/** Makes the view that asks what to import, from when and how often. */
export function importView(context) {
  const { overview } = context;
  const taken = new Set(overview.flows.map((flow) => flow.entity));
  const entities = overview.entities.filter((entity) => !taken.has(entity.name));
  const select = h("select", {});
  for (const entity of entities) select.append(h("option", { value: entity.name }, entity.label));
  const help = h("p", { class: "note" });
  const options = h("div", { class: "stack" });
  const status = h("div", {});
  const submit = h("button", { type: "submit", class: "button primary wide" });
  let chosen;
  const choose = () => {
    const entity = entities.find((one) => one.name === select.value);
    const since = entity.has_start_date ? startDate(context, entity, entity.default_since) : null;
    const cadence = rhythm(context, entity.default_cadence);
    chosen = { entity, since, cadence };
    help.textContent = entity.help;
    submit.textContent = `Import ${entity.label.toLowerCase()}`;
    options.replaceChildren(...(since ? [since.element] : []), cadence.element);
  };
  select.addEventListener("change", choose);
  choose();
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    field("Entity", select, help),
    options,
    status,
    submit,
    overview.flows.length > 0 && button("Back", "quiet", () => context.show()),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    start(context, chosen, status, submit);
  });
  return h(
    "section",
    { class: "stack" },
    h("h1", { tabindex: "-1" }, "Import from Aircall"),
    form,
  );
}

async function start(context, { entity, since, cadence }, status, submit) {
  const body = { entity: entity.name, cadence: cadence.value() };
  if (since) body.since = since.value();
  if (since && !body.since) {
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
    const again = () => start(context, { entity, since, cadence }, status, submit);
    const fix = fixFor(known, context, again);
    const retry = known.recovery === "fix_by_user" ? null : again;
    status.replaceChildren(problem(known, { retry, fix }));
  }
}
