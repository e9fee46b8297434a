/** Connecting to Aircall: the key, the consent, and everything in one go. */

import { ACCESS_STEPS, consent, grantAccess } from "./access.js";
import { asApiError } from "./api.js";
import { announce, button, field, h } from "./dom.js";
import { problem } from "./notice.js";
import { Steps } from "./steps.js";

const CHECK_KEY = "Check the key with Aircall";

/** Makes the view for a spreadsheet that is not connected yet. */
export function connectView(context) {
  const { overview } = context;
  const keys = keyFields(overview.server_key);
  const status = h("div", {});
  const submit = h("button", { type: "submit", class: "button primary wide" }, "Connect");
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    keys.element,
    overview.edit_proved ? null : consent(overview.service_account_email),
    status,
    submit,
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = keys.take();
    if (key) connect(context, key, status, submit);
  });
  return h(
    "section",
    { class: "stack" },
    h("h1", { tabindex: "-1" }, "Connect to Aircall"),
    h(
      "p",
      { class: "lead" },
      overview.flows.length
        ? "Your imports are paused and go on when you connect again."
        : "Bring your Aircall data into this spreadsheet and keep it up to date.",
    ),
    form,
  );
}

async function connect(context, key, status, submit) {
  const { api, overview } = context;
  const first = overview.edit_proved ? [] : ACCESS_STEPS;
  const steps = new Steps([...first, CHECK_KEY]);
  status.replaceChildren(steps.element);
  submit.disabled = true;
  submit.hidden = true;
  try {
    if (!overview.edit_proved) {
      await grantAccess(api, overview.service_account_email, steps);
      overview.edit_proved = true;
    }
    steps.begin(first.length);
    const connection = await api.change("POST", "/connections", key);
    steps.finish(first.length);
    announce(`Connected to ${connection.company_name}`);
    await context.reload({ focus: true });
  } catch (error) {
    steps.fail();
    submit.disabled = false;
    submit.hidden = false;
    const known = asApiError(error);
    // The key is kept by this closure alone, for the button; it is no longer in the page.
    const again = () => connect(context, key, status, submit);
    const retry = known.recovery === "fix_by_user" && known.code !== "no_edit_access" ? null : again;
    status.replaceChildren(steps.element, problem(known, { retry }));
  }
}

/**
 * Makes the fields of an Aircall key.
 * @param {{api_id: string}|null} serverKey The server's own key, offered first.
 * @returns {{element: HTMLElement, take: () => object|null}} take: what to send, once, with the
 *   token gone from the page; null (and the reason shown) when something is missing.
 */
export function keyFields(serverKey) {
  const element = h("div", { class: "stack" });
  let take = () => null;
  const showOwn = () => {
    const own = ownKey(serverKey && showServers);
    take = own.take;
    element.replaceChildren(...own.parts);
  };
  const showServers = () => {
    take = () => ({ use_server_key: true });
    element.replaceChildren(...serversKey(serverKey, showOwn));
  };
  if (serverKey) showServers();
  else showOwn();
  return { element, take: () => take() };
}

function serversKey(serverKey, useAnother) {
  const id = h("input", { type: "text", readonly: true, value: serverKey.api_id });
  const token = h("input", { type: "text", readonly: true, placeholder: "••••••••••••••••" });
  const note = h("p", { class: "note" }, "This key is kept on the server.");
  return [
    field("API ID", id),
    field("API token", token, note),
    h("div", {}, button("Use another key", "quiet", useAnother)),
  ];
}

function ownKey(useServers) {
  const id = h("input", { type: "text", autocomplete: "off", spellcheck: "false" });
  const token = h("input", { type: "password", autocomplete: "off" });
  const note = h(
    "p",
    { class: "note" },
    "In Aircall: Integrations & API, API keys, New API key. It takes an admin.",
  );
  const missing = h("p", { class: "field-error", role: "alert", hidden: true });
  const take = () => {
    const [apiId, apiToken] = [id.value.trim(), token.value.trim()];
    const empty = apiId ? token : id;
    missing.hidden = Boolean(apiId && apiToken);
    for (const input of [id, token]) {
      input.toggleAttribute("aria-invalid", !missing.hidden && input === empty);
    }
    if (!missing.hidden) {
      missing.textContent = apiId ? "Enter the API token." : "Enter the API ID.";
      empty.focus();
      return null;
    }
    token.value = "";
    return { api_id: apiId, api_token: apiToken };
  };
  const parts = [field("API ID", id), field("API token", token, note), missing];
  if (useServers) parts.push(h("div", {}, button("Use the server's key", "quiet", useServers)));
  return { parts, take };
}
