/** Who hears of notices: by e-mail, in Slack, once a day. */

import { asApiError } from "./api.js";
import { announce, button, describe, field, h } from "./dom.js";
import { problem } from "./notice.js";

/**
 * Makes the form, which fills itself.
 * @param {object} context
 * @param {HTMLElement} drawer Where it stands; emptied when it is done.
 */
export function hearingForm(context, drawer) {
  const fields = h("div", { class: "stack", "aria-busy": "true" });
  const status = h("div", {});
  const save = h("button", { type: "submit", class: "button plain", disabled: true }, "Save");
  const form = h(
    "form",
    { class: "stack form", novalidate: true, "aria-label": "Who hears of notices" },
    h("p", { class: "note" }, "When an import needs you, keeps failing or is out of date, and when it works again."),
    fields,
    status,
    h("div", { class: "buttons" }, save, button("Cancel", "plain", () => drawer.replaceChildren())),
  );
  let body;
  const load = async () => {
    status.replaceChildren();
    try {
      const known = await context.api.read("/notice-settings");
      body = fill(fields, known, context.overview.user.email);
      fields.removeAttribute("aria-busy");
      save.disabled = false;
    } catch (error) {
      status.replaceChildren(problem(asApiError(error), { retry: load }));
    }
  };
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    save.disabled = true;
    status.replaceChildren();
    try {
      await context.api.change("PATCH", "/notice-settings", body());
      drawer.replaceChildren();
      announce("Saved");
    } catch (error) {
      save.disabled = false;
      status.replaceChildren(problem(asApiError(error)));
    }
  });
  load();
  return form;
}

/** Puts the fields in; returns what gives the changes as the API takes them. */
function fill(fields, known, email) {
  const mail = tick(`E-mail to ${email}`, known.email_me);
  const digest = tick("All imports once a day, at 8", known.digest);
  const slack = h("input", { type: "url", autocomplete: "off" });
  const others = known.others ? `Others who hear by e-mail: ${known.others}.` : "";
  const note = h("p", { class: "note" }, known.can_email ? others : "This server sends no e-mail.");
  mail.input.disabled = !known.can_email && !known.email_me;
  describe(mail.input, note);
  const stop = tick("No longer tell Slack", false);
  const says = known.has_slack ? "Slack is told. Another address takes the place of this one." : null;
  fields.replaceChildren(
    h("div", { class: "stack-tight" }, mail.element, note.textContent && note, digest.element),
    field("Slack address", slack, says && h("p", { class: "note" }, says)),
    ...(known.has_slack ? [stop.element] : []),
  );
  return () => {
    const body = {};
    if (mail.input.checked !== known.email_me) body.email_me = mail.input.checked;
    if (digest.input.checked !== known.digest) body.digest = digest.input.checked;
    const url = slack.value.trim();
    if (url) body.slack_url = url;
    else if (stop.input.checked) body.slack_url = "";
    return body;
  };
}

function tick(text, checked) {
  const input = h("input", { type: "checkbox", checked });
  return { input, element: h("label", { class: "check" }, input, h("span", {}, text)) };
}
