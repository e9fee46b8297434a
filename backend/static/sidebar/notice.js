/** Boxes that say what happened and offer what helps. */

import { button, h, icon } from "./dom.js";

const ICONS = { error: "problem", warning: "warning", info: "info", good: "done", paused: "paused" };

/** Makes a box. kind: error, warning, info, good, paused. */
export function box(kind, ...content) {
  const role = kind === "error" ? { role: "alert" } : {};
  const body = h("div", { class: "box-body" }, ...content);
  return h("div", { class: `box box-${kind}`, ...role }, icon(ICONS[kind]), body);
}

/**
 * Makes the box of an error with the button that its recovery asks for.
 * @param {{code: string, message: string, recovery: string}} error
 * @param {{retry?: Function|null, fix?: {label: string, act: Function,
 *   other?: {label: string, act: Function}|null}|null, primary?: boolean,
 *   about?: Record<string, string>}} options retry: does it again. fix: leads to what a person
 *   has to change. primary: gives the last button the colour. about: ids for the report.
 */
export function problem(error, { retry, fix = null, primary = false, about = {} } = {}) {
  const actions = [];
  if (error.recovery === "report_bug") {
    actions.push(["Copy report", (event) => copy(report(error, about), event.currentTarget)]);
  }
  if (error.recovery === "fix_by_user" && fix) {
    for (const way of [fix.other, fix]) if (way) actions.push([way.label, way.act]);
  }
  if (retry) actions.push(["Try again", retry]);
  const buttons = actions.map(([label, act], index) =>
    button(label, primary && index === actions.length - 1 ? "primary" : "plain", act),
  );
  return box(
    "error",
    h("p", {}, error.message),
    buttons.length > 0 && h("div", { class: "buttons" }, ...buttons),
  );
}

function report(error, about) {
  const lines = { code: error.code, message: error.message, time: new Date().toISOString() };
  return Object.entries({ ...lines, ...about })
    .map(([name, value]) => `${name}: ${value}`)
    .join("\n");
}

/** Copies text and says so on the button; else shows it, to be copied by hand. */
export async function copy(text, target) {
  const area = h("textarea", { class: "report", readonly: true, rows: 4, "aria-label": "Report" });
  area.value = text;
  target.after(area);
  if (await copyFrom(area, target)) area.remove();
}

/**
 * Copies what stands in a field and says so on the button; else selects it, to be copied by hand.
 * @returns {Promise<boolean>} Whether it was copied.
 */
export async function copyFrom(control, target) {
  control.select();
  try {
    await navigator.clipboard.writeText(control.value);
  } catch {
    // Frames may be without the permission; the older way needs none.
    if (!document.execCommand("copy")) return false;
  }
  const label = target.textContent;
  target.textContent = "Copied";
  setTimeout(() => {
    target.textContent = label;
  }, 2000);
  return true;
}
