/** The quiet action that sets up all entities at once. */

import { asApiError } from "./api.js";
import { button, h } from "./dom.js";
import { counted } from "./format.js";
import { fixFor } from "./fixes.js";
import { problem } from "./notice.js";

const FEW = 6;

/** Makes the action, or nothing where most is imported already. */
export function oneOfEach(context) {
  const { entities, flows } = context.overview;
  const taken = new Set(flows.map((flow) => flow.entity));
  const missing = entities.filter((one) => !taken.has(one.name));
  if (taken.size > FEW || !missing.length) return null;
  const status = h("div", {});
  const act = async () => {
    ask.disabled = true;
    status.replaceChildren();
    try {
      await context.api.change("POST", "/flows/one-of-each", {});
      await context.reload({ focus: true });
    } catch (error) {
      ask.disabled = false;
      const known = asApiError(error);
      status.replaceChildren(problem(known, { retry: act, fix: fixFor(known, context, act) }));
    }
  };
  const ask = button("Set up one of each", "quiet", act);
  const what = flows.length ? counted(missing.length, "more tabs") : counted(missing.length, "tabs");
  const note = `${what}, each refreshed in a rhythm that suits it. Start dates are 30 days back.`;
  return h("div", { class: "one-of-each" }, ask, h("p", { class: "note" }, note), status);
}
