/** How a data flow is connected with other programs: a key, an address for events, a webhook. */

import { asApiError } from "./api.js";
import { announce, button, field, h } from "./dom.js";
import { exact } from "./format.js";
import { copyFrom, problem } from "./notice.js";
import { poll } from "./polling.js";

/** How often new tries are looked for while the view is open. */
const TRIES = { first: 2000, longest: 10_000 };

/** Makes the view below a card. What is shown once is gone as soon as the view is. */
export function outsideView(context, card) {
  const path = `/flows/${card.flow.id}`;
  const zone = context.overview.spreadsheet.time_zone;
  const body = h("div", { class: "stack", "aria-busy": "true" });
  const status = h("div", {});
  const view = { context, path, zone, body, fresh: {}, tries: null };
  view.load = async () => {
    status.replaceChildren();
    try {
      const found = await context.api.read(`${path}/outside`);
      if (!body.isConnected) return;
      body.replaceChildren(keyPart(view, found), eventPart(view, found), webhookPart(view, found));
      body.removeAttribute("aria-busy");
    } catch (error) {
      status.replaceChildren(problem(asApiError(error), { retry: view.load }));
    }
  };
  view.change = async (method, what, given, said) => {
    status.replaceChildren();
    view.fresh = {};
    try {
      const answer = await context.api.change(method, `${path}/${what}`, given);
      if (answer) view.fresh = { [what]: answer };
      announce(said);
    } catch (error) {
      status.replaceChildren(problem(asApiError(error)));
      return;
    }
    await view.load();
    // What was pressed is gone: the focus goes to what it made.
    const made = view.fresh[what] ? "[readonly]" : "button, input";
    body.querySelector(`[data-part=${what}] :is(${made})`)?.focus();
    view.fresh = {};
  };
  queueMicrotask(view.load);
  poll(() => showTries(view), TRIES);
  return h(
    "section",
    { class: "stack form", "aria-label": "Connect other tools" },
    body,
    status,
    h("div", { class: "buttons" }, button("Close", "plain", () => card.closeDrawer())),
  );
}

function keyPart(view, found) {
  const made = view.fresh.key;
  const since = found.key_created_at;
  const note = h(
    "p",
    { class: "note" },
    since
      ? `A key was made on ${exact(since, view.zone)}. It starts this import and nothing else.`
      : "With a key, Zapier, cron or GitHub Actions can start this import, and nothing else.",
  );
  const make = () => view.change("PUT", "key", undefined, "A key was made");
  const links = since
    ? [
        button("New key", "quiet", make),
        button("Revoke key", "quiet danger", () => view.change("DELETE", "key", undefined, "The key was revoked")),
      ]
    : [button("Make a key", "plain", make)];
  return part(
    "key",
    "Start it from outside",
    note,
    made && secret("Key", made.key),
    made && secret("Command", curl(made.url, made.key), 7),
    !made && since && shown("Address to POST to", found.run_url),
    h("div", { class: "links" }, ...links),
  );
}

function eventPart(view, found) {
  const made = view.fresh["event-address"];
  const since = found.event_address_created_at;
  const note = h(
    "p",
    { class: "note" },
    since
      ? `An address was made on ${exact(since, view.zone)}. What is posted to it refreshes this import, at most every 5 minutes.`
      : "For Aircall’s own webhooks, and all that can only post to an address: each event refreshes this import, at most every 5 minutes.",
  );
  const make = () => view.change("PUT", "event-address", undefined, "An address was made");
  const end = () => view.change("DELETE", "event-address", undefined, "The address was ended");
  const links = since
    ? [button("New address", "quiet", make), button("End address", "quiet danger", end)]
    : [button("Make an address", "plain", make)];
  return part(
    "event-address",
    "Refresh it when something happens",
    note,
    made && secret("Address for events", made.url, 3),
    h("div", { class: "links" }, ...links),
  );
}

function webhookPart(view, found) {
  const { webhook } = found;
  const made = view.fresh.webhook;
  view.tries = webhook && h("div", {});
  if (!webhook) return part("webhook", "Tell another program", webhookForm(view));
  const remove = () => view.change("DELETE", "webhook", undefined, "The webhook was removed");
  fillTries(view, webhook.attempts);
  return part(
    "webhook",
    "Tell another program",
    h("p", { class: "note" }, `The end of each run is posted to ${webhook.host}, signed.`),
    made && secret("Signing secret", made.secret),
    view.tries,
    h("div", { class: "links" }, button("Remove webhook", "quiet danger", remove)),
  );
}

function fillTries(view, attempts) {
  const items = attempts.map((one) =>
    h(
      "li",
      {},
      h("span", { class: `run-mark run-${one.is_delivered ? "succeeded" : "failed"}`, "aria-hidden": "true" }),
      `${one.is_delivered ? "Arrived" : "Did not arrive"} (${one.outcome.replaceAll("_", " ")}), ${exact(one.at, view.zone)}`,
    ),
  );
  view.tries.replaceChildren(
    items.length
      ? h("ul", { class: "tries", "aria-label": "Last tries" }, ...items)
      : h("p", { class: "note" }, "Nothing was posted yet."),
  );
}

/** Shows tries that came meanwhile; what is shown once stays. Returns whether the view is gone. */
async function showTries(view) {
  if (!view.body.isConnected) return true;
  if (!view.tries) return false;
  const found = await view.context.api.read(`${view.path}/outside`).catch(() => null);
  if (view.tries && found?.webhook) fillTries(view, found.webhook.attempts);
  return false;
}

function webhookForm(view) {
  const input = h("input", { type: "url", autocomplete: "off" });
  const note = h("p", { class: "note" }, "The end of each run is posted there, signed with a secret.");
  const form = h(
    "form",
    { class: "stack-small", novalidate: true },
    field("Webhook address", input, note),
    h("div", {}, h("button", { type: "submit", class: "button plain" }, "Save address")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    view.change("PUT", "webhook", { url: input.value.trim() }, "The webhook was saved");
  });
  return form;
}

function part(name, title, ...content) {
  const named = { "data-part": name, role: "group", "aria-label": title };
  return h("div", { class: "stack-small", ...named }, h("h3", {}, title), ...content);
}

/** A value that is shown once, with a button that copies it. */
function secret(label, value, rows = 1) {
  return h(
    "div",
    { class: "stack-tight" },
    shown(label, value, rows),
    label === "Command" ? null : h("p", { class: "note note-warning" }, "Copy it now: it is not shown again."),
  );
}

function shown(label, value, rows = 1) {
  const control =
    rows > 1
      ? h("textarea", { readonly: true, rows, class: "mono" })
      : h("input", { type: "text", readonly: true, class: "mono" });
  control.value = value;
  const name = `Copy ${label.toLowerCase()}`;
  const copy = button("Copy", "quiet", () => copyFrom(control, copy), { "aria-label": name });
  return h("div", { class: "with-copy" }, field(label, control), copy);
}

function curl(url, key) {
  return `curl -X POST ${url} \\\n  -H "Authorization: Bearer ${key}"`;
}
