/** How many requests a minute Callsheet may send to Aircall, and what it leaves to others. */

import { asApiError } from "./api.js";
import { announce, button, field, h } from "./dom.js";
import { problem } from "./notice.js";

const MOST = 120;
const SHARES = [0, 10, 20, 30, 50, 75, 90];

/** Says how many requests a minute Callsheet sends at most. */
export function limitText({ overview }) {
  const { connection, requests_per_minute: usual } = overview;
  return `at most ${own(connection.requests_per_minute ?? usual, connection.spare_share)} a minute`;
}

/**
 * Makes the form that changes it.
 * @param {object} context
 * @param {HTMLElement} drawer Where the form stands; emptied when it is done.
 * @param {() => void} fill Shows the settings again.
 */
export function limitForm(context, drawer, fill) {
  const { overview } = context;
  const { connection, requests_per_minute: usual } = overview;
  const allowed = h("input", {
    type: "number",
    inputmode: "numeric",
    min: 1,
    max: MOST,
    step: 1,
    placeholder: usual,
    value: connection.requests_per_minute,
  });
  const share = h("select", {});
  const now = Math.round(connection.spare_share * 100);
  for (const percent of [...new Set([...SHARES, now])].sort((a, b) => a - b)) {
    const text = percent === 0 ? "Nothing" : `${percent} %`;
    share.append(h("option", { value: percent, selected: percent === now }, text));
  }
  const note = h("p", { class: "note" });
  const body = () => ({
    requests_per_minute: allowed.value === "" ? null : Number(allowed.value),
    spare_share: Number(share.value) / 100,
  });
  const follow = () => {
    const { requests_per_minute: given, spare_share: spare } = body();
    const most = own(given ?? usual, spare);
    note.textContent =
      `Callsheet then sends at most ${most} a minute. Aircall allows a company 60 to ${MOST}, for ` +
      "all its integrations together.";
  };
  const status = h("div", {});
  const save = h("button", { type: "submit", class: "button plain" }, "Save");
  const form = h(
    "form",
    { class: "stack form", novalidate: true, oninput: follow, "aria-label": "Request limit" },
    field("Requests a minute that Aircall allows", allowed),
    field("Left to other integrations", share, note),
    status,
    h("div", { class: "buttons" }, save, button("Cancel", "plain", () => drawer.replaceChildren())),
  );
  follow();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    status.replaceChildren();
    try {
      const path = `/connections/${connection.id}`;
      Object.assign(connection, await context.api.change("PATCH", path, body()));
      drawer.replaceChildren();
      fill();
      announce("The request limit was saved");
    } catch (error) {
      save.disabled = false;
      status.replaceChildren(problem(asApiError(error)));
    }
  });
  return form;
}

/** What is ours of a limit: never less than one request. */
function own(allowed, spare) {
  return Math.max(1, Math.floor(allowed * (1 - spare) + 1e-9));
}
