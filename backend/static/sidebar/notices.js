/** Open notices at the top: what needs a person, said once for all imports it is about. */

import { asApiError } from "./api.js";
import { announce, button, h, icon } from "./dom.js";

const OPENINGS = {
  needs_you: ["needs you", "need you"],
  keeps_failing: ["keeps failing", "keep failing"],
  stale: ["is out of date", "are out of date"],
};

/**
 * Makes the region of notices. `show(notices, isSaid)` on the result shows those that are open;
 * isSaid: whether the card of a data flow says why, so that the notice need not.
 */
export function noticesRegion(context) {
  const element = h("section", { class: "stack-tight", "aria-label": "Notices" });
  let shown = "";
  let items = [];
  const show = (notices, isSaid) => {
    const open = notices.filter((one) => !one.is_dismissed);
    const now = JSON.stringify(open);
    if (now !== shown) {
      shown = now; // else nothing is read out again
      items = groups(open).map((group) => [group, notice(context, group)]);
      element.hidden = open.length === 0;
      element.replaceChildren(...items.map(([, item]) => item));
    }
    for (const [group, item] of items) {
      item.querySelector(".notice-why").hidden = group.some((one) => isSaid(one.flow_id));
    }
  };
  element.hidden = true;
  return { element, show };
}

function groups(notices) {
  const found = new Map();
  for (const one of notices) {
    const about = `${one.kind} ${one.sentence}`;
    found.set(about, [...(found.get(about) ?? []), one]);
  }
  return [...found.values()];
}

function notice(context, group) {
  const [first] = group;
  const [one, many] = OPENINGS[first.kind];
  const title = group.length === 1 ? `${first.label} ${one}` : `${group.length} imports ${many}`;
  const dismiss = h(
    "button",
    { type: "button", class: "tool", "aria-label": `Dismiss: ${title}`, title: "Dismiss" },
    icon("close"),
  );
  const element = h(
    "div",
    { class: "box box-warning notice", role: "status" },
    icon("warning"),
    h(
      "div",
      { class: "box-body" },
      h("p", { class: "headline" }, title),
      h(
        "div",
        { class: "stack-tight notice-why" },
        h("p", {}, first.sentence),
        h("div", { class: "links" }, button("Show", "quiet", () => context.point(first.flow_id))),
      ),
    ),
    dismiss,
  );
  dismiss.addEventListener("click", async () => {
    dismiss.disabled = true;
    try {
      await Promise.all(
        group.map(({ flow_id: id }) => context.api.change("DELETE", `/notices/${id}`)),
      );
      announce("Dismissed");
      await context.reload({ focus: true });
    } catch (error) {
      dismiss.disabled = false;
      context.complain(asApiError(error));
    }
  });
  return element;
}
