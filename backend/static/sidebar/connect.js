/** Connecting to Aircall: the key, the consent, and everything in one go. */

import { ACCESS_STEPS, consent, grantAccess } from "./access.js";
import { asApiError } from "./api.js";
import { announce, button, field, h, icon } from "./dom.js";
import { copy, problem } from "./notice.js";
import { Steps } from "./steps.js";

const CHECK_KEY = "Check the key with Aircall";

/** Makes the view for a spreadsheet that is not connected yet. */
export function connectView(context) {
  const { overview } = context;
  const keys = keyFields(overview.server_key);
  const agreement = overview.edit_proved ? null : consent(overview.service_account_email);
  const status = h("div", {});
  const submit = h("button", { type: "submit", class: "button primary wide" }, "Connect");
  const input = h("div", { class: "stack" }, keys.element, agreement);
  const form = h("form", { class: "stack", novalidate: true }, input, status, submit);
  const view = {
    status,
    /** Shows the fields, or hides them while something is going on. */
    set asks(asks) {
      input.hidden = !asks;
      submit.hidden = !asks;
    },
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const key = keys.take();
    if (key) connect(context, key, view);
  });
  return h(
    "section",
    { class: "stack" },
    h("div", { class: "emblem" }, icon("sheet")),
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

async function connect(context, key, view) {
  const { api, overview } = context;
  const first = overview.edit_proved ? [] : ACCESS_STEPS;
  const steps = new Steps([...first, CHECK_KEY]);
  view.status.replaceChildren(steps.element);
  view.asks = false;
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
    showFailure(context, asApiError(error), key, view, steps);
  }
}

function showFailure(context, error, key, view, steps) {
  const isAccess = error.code === "no_edit_access";
  if (error.recovery === "fix_by_user" && !isAccess) {
    view.asks = true;
    view.status.replaceChildren(problem(error));
    return;
  }
  // The key is held by this closure alone, for the button; it is no longer in the page.
  const retry = () => connect(context, key, view);
  const email = context.overview.service_account_email;
  const fix = { label: "Copy address", act: (event) => copy(email, event.currentTarget) };
  const back = button("Back", "quiet", () => {
    view.asks = true;
    view.status.replaceChildren();
  });
  view.status.replaceChildren(
    steps.element,
    problem(error, { retry, fix: isAccess ? fix : null, primary: true }),
    back,
  );
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
      empty.after(missing);
      empty.focus();
      return null;
    }
    token.value = "";
    return { api_id: apiId, api_token: apiToken };
  };
  const parts = [field("API ID", id), field("API token", token, note)];
  if (useServers) parts.push(h("div", {}, button("Use the server's key", "quiet", useServers)));
  return { parts, take };
}
