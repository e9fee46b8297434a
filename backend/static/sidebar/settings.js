/** The quiet section at the bottom: whose key, which account, replace, disconnect. */

import { asApiError } from "./api.js";
import { keyFields } from "./connect.js";
import { announce, button, h } from "./dom.js";
import { fileView } from "./flow_file.js";
import { exact } from "./format.js";
import { hearingForm } from "./hearing.js";
import { limitForm, limitText } from "./limit.js";
import { problem } from "./notice.js";

/** Makes the section. `open()` on the result shows it with the fields for a new key. */
export function settingsSection(context) {
  const { overview } = context;
  const { connection, spreadsheet } = overview;
  const drawer = h("div", { class: "stack-small" });
  const show = (form) => {
    drawer.replaceChildren(form);
    form.scrollIntoView({ block: "nearest" });
    form.querySelector("input:not([readonly]), button")?.focus({ preventScroll: true });
  };
  const showKey = () => show(keyForm(context, drawer));
  const facts = h("dl", { class: "facts" });
  const fill = () => {
    facts.replaceChildren(
      ...[
        ["Company", connection.company_name],
        ["API ID", connection.api_id],
        ["Connected", exact(connection.created_at, spreadsheet.time_zone)],
        ["Requests", limitText(context)],
        ["Writes as", overview.service_account_email],
        ["You are", overview.user.email],
      ].map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))),
    );
  };
  fill();
  const element = h(
    "details",
    { class: "settings" },
    h("summary", {}, "Settings"),
    h(
      "div",
      { class: "stack-small settings-body" },
      facts,
      h(
        "div",
        { class: "links" },
        button("Replace key", "quiet", showKey),
        button("Request limit", "quiet", () => show(limitForm(context, drawer, fill))),
        button("Notices", "quiet", () => show(hearingForm(context, drawer))),
        button("Imports as a file", "quiet", () => show(fileView(context, () => drawer.replaceChildren()))),
        button("Disconnect", "quiet", () => show(question(context, drawer))),
      ),
      drawer,
    ),
  );
  const open = () => {
    element.open = true;
    showKey();
  };
  return { element, open };
}

/** Starts again what the former key had made fail. */
async function retryRefused(context) {
  const refused = context.overview.flows.filter(
    (flow) => flow.last_run?.error?.code === "credentials_rejected",
  );
  await Promise.all(
    refused.map((flow) => context.api.change("POST", `/flows/${flow.id}/runs`)),
  );
}

function keyForm(context, drawer) {
  const keys = keyFields(context.overview.server_key);
  const status = h("div", {});
  const save = h("button", { type: "submit", class: "button plain" }, "Check and save");
  const form = h(
    "form",
    { class: "stack form", novalidate: true, "aria-label": "Replace the Aircall key" },
    keys.element,
    status,
    h("div", { class: "buttons" }, save, button("Cancel", "plain", () => drawer.replaceChildren())),
  );
  const send = async (key) => {
    save.disabled = true;
    status.replaceChildren();
    try {
      await context.api.change("PUT", `/connections/${context.overview.connection.id}`, key);
      announce("The key was replaced");
      await retryRefused(context);
      await context.reload({ focus: true });
    } catch (error) {
      save.disabled = false;
      const known = asApiError(error);
      const retry = known.recovery === "fix_by_user" ? null : () => send(key);
      status.replaceChildren(problem(known, { retry }));
    }
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = keys.take();
    if (key) send(key);
  });
  return form;
}

function question(context, drawer) {
  const status = h("div", {});
  const disconnect = button("Disconnect", "plain danger", async () => {
    disconnect.disabled = true;
    try {
      await context.api.change("DELETE", `/connections/${context.overview.connection.id}`);
      announce("Disconnected");
      await context.reload({ focus: true });
    } catch (error) {
      disconnect.disabled = false;
      status.replaceChildren(problem(asApiError(error)));
    }
  });
  return h(
    "div",
    { class: "stack-small form", role: "group", "aria-label": "Disconnect from Aircall" },
    h("p", {}, "Disconnect? The key is deleted and imports pause. Tabs and their rows stay."),
    status,
    h("div", { class: "buttons" }, disconnect, button("Keep it", "plain", () => drawer.replaceChildren())),
  );
}
