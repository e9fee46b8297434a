/** All imports of the spreadsheet as a file: to be kept, or applied here after a look at the changes. */

import { asApiError } from "./api.js";
import { announce, button, field, h } from "./dom.js";
import { nothingChanges, planList, planSummary } from "./flow_plan.js";
import { box, copyFrom, problem } from "./notice.js";

const NAME = "callsheet.yaml";
const MOST_BYTES = 64 * 1024;
const TOO_LARGE = {
  code: "",
  message: "This file is too large to be one of imports. Choose another one.",
  recovery: "fix_by_user",
};

/**
 * Makes the view.
 * @param {object} context
 * @param {() => void} leave Closes it.
 */
export function fileView(context, leave) {
  const close = button("Close", "plain", leave);
  return h(
    "section",
    { class: "stack form", "aria-label": "Imports as a file" },
    keepPart(context),
    applyPart(context, close),
  );
}

/** The file as it is now: to be downloaded or copied. */
function keepPart({ api }) {
  const area = h("textarea", { readonly: true, rows: 6, class: "mono", "aria-label": "The imports as a file" });
  area.hidden = true;
  const status = h("div", {});
  const asked = (use) => async (event) => {
    const target = event.currentTarget;
    status.replaceChildren();
    try {
      area.value = (await api.read("/flows/file")).yaml;
    } catch (error) {
      status.replaceChildren(problem(asApiError(error)));
      return;
    }
    use(target);
  };
  const copy = (target) => {
    area.hidden = false;
    copyFrom(area, target);
  };
  return h(
    "div",
    { class: "stack-small", role: "group", "aria-label": "Keep this set-up" },
    h("h3", {}, "Keep this set-up"),
    h("p", { class: "note" }, "All imports as a small text file. No key and no rows are in it."),
    area,
    status,
    h(
      "div",
      { class: "buttons" },
      button("Download", "plain", asked(() => download(area.value))),
      button("Copy", "plain", asked(copy)),
    ),
  );
}

function download(text) {
  const address = URL.createObjectURL(new Blob([text], { type: "application/yaml" }));
  h("a", { href: address, download: NAME }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
  announce("Downloaded");
}

/** A file from elsewhere: first what it would change, then the change. */
function applyPart(context, close) {
  const area = h("textarea", { rows: 6, class: "mono", spellcheck: "false", autocomplete: "off" });
  const note = h("p", { class: "note" }, "Paste it, or drop the file here. Nothing happens before you have seen what changes.");
  const chooser = h("input", { type: "file", accept: ".yaml,.yml,.txt", class: "hidden-text", tabindex: "-1", "aria-label": "File" });
  const prune = h("input", { type: "checkbox" });
  const status = h("div", { role: "status", "aria-live": "polite", "aria-label": "What changes" });
  const look = h("button", { type: "submit", class: "button plain" }, "See what changes");
  const apply = button("Apply", "plain", () => send(false));
  const forget = () => {
    status.replaceChildren();
    apply.hidden = true;
    look.hidden = false;
  };
  const take = async (file) => {
    forget();
    if (!file) return;
    if (file.size > MOST_BYTES) return status.replaceChildren(problem(TOO_LARGE));
    area.value = await file.text();
    area.focus();
  };
  const send = async (isTrial) => {
    look.disabled = apply.disabled = true;
    try {
      const body = { yaml: area.value, prune: prune.checked, dry_run: isTrial };
      const { flows } = await context.api.change("PUT", "/flows/file", body);
      if (isTrial) show(flows);
      else await done(flows);
    } catch (error) {
      forget();
      status.replaceChildren(problem(asApiError(error)));
      point(area, asApiError(error).message);
    } finally {
      look.disabled = apply.disabled = false;
    }
  };
  const show = (steps) => {
    const isSame = nothingChanges(steps);
    status.replaceChildren(planList(steps));
    apply.hidden = isSame;
    look.hidden = !isSame;
    if (!isSame) apply.focus();
  };
  const done = async (steps) => {
    forget();
    area.value = "";
    status.replaceChildren(box("good", h("p", {}, `Done: ${planSummary(steps)}.`)));
    announce(`Done: ${planSummary(steps)}`);
    await context.reload({ focus: true });
  };
  const form = h(
    "form",
    { class: "stack-small", novalidate: true, oninput: forget, "aria-label": "Apply a file" },
    h("h3", {}, "Apply a file"),
    field("File", area, note),
    chooser,
    h("label", { class: "check" }, prune, h("span", {}, "Remove imports that are not in it; their tabs stay")),
    status,
    h("div", { class: "buttons" }, look, apply, button("Choose a file", "plain", () => chooser.click()), close),
  );
  apply.hidden = true;
  chooser.addEventListener("change", () => {
    take(chooser.files[0]);
    chooser.value = ""; // the same file can be chosen again
  });
  area.addEventListener("dragover", (event) => event.preventDefault());
  area.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return; // text is dropped as text
    event.preventDefault();
    take(event.dataTransfer.files[0]);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(true);
  });
  return form;
}

/** Selects the first line that a refusal names. */
function point(area, message) {
  const named = /^Line (\d+)/.exec(message);
  if (!named) return;
  const lines = area.value.split("\n");
  const before = lines.slice(0, Number(named[1]) - 1).join("\n").length;
  const start = before && before + 1;
  area.focus();
  area.setSelectionRange(start, start + (lines[Number(named[1]) - 1] ?? "").length);
}
