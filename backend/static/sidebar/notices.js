/** Open notices at the top: what needs a person, said once for all imports it is about. */

import { asApiError } from "./api.js";
import { announce, button, h, icon } from "./dom.js";

const OPENINGS = {
  needs_you: ["needs you", "need you"],
  keeps_failing: ["keeps failing", "keep failing"],
  stale: ["is out of date", "are out of date"],
};

/** Makes the region of notices. `show(notices)` on the result shows those that are open. */
export function noticesRegion(context) {
  const element = h("section", { class: "stack-tight", "aria-label": "Notices" });
  let shown = "";
  const show = (notices) => {
    const open = notices.filter((one) => !one.is_dismissed);
    const now = JSON.stringify(open);
    if (now === shown) return; // nothing is read out again
    shown = now;
    element.hidden = open.length === 0;
    element.replaceChildren(...groups(open).map((group) => notice(context, group)));
  };
  show([]);
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
      h("p", {}, first.sentence),
      h("div", { class: "links" }, button("Show", "quiet", () => context.point(first.flow_id))),
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
