/** Making elements; text is always set as text, never as markup. */

const SVG = "http://www.w3.org/2000/svg";
const PATHS = {
  done: "M9 16.2 4.8 12l-1.4 1.4L9 19 21 7l-1.4-1.4z",
  problem: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm1 15h-2v-2h2zm0-4h-2V7h2z",
  warning: "M1 21h22L12 2zm12-3h-2v-2h2zm0-4h-2v-4h2z",
  info: "M12 2a10 10 0 1 0 0 20 10 10 0 0 0 0-20zm1 15h-2v-6h2zm0-8h-2V7h2z",
  sheet: "M4 3a1 1 0 0 0-1 1v16a1 1 0 0 0 1 1h16a1 1 0 0 0 1-1V4a1 1 0 0 0-1-1zm1 6h5v4H5zm7 0h7v4h-7zM5 15h5v4H5zm7 0h7v4h-7z",
  again: "M17.65 6.35A8 8 0 1 0 19.73 14h-2.08A6 6 0 1 1 12 6c1.66 0 3.14.69 4.22 1.78L13 11h7V4z",
  up: "M12 8l-6 6 1.4 1.4L12 10.8l4.6 4.6L18 14z",
  down: "M7.4 8.6 12 13.2l4.6-4.6L18 10l-6 6-6-6z",
  edit: "M3 17.25V21h3.75L17.8 9.94l-3.75-3.75zM20.7 7a1 1 0 0 0 0-1.4l-2.3-2.3a1 1 0 0 0-1.4 0l-1.8 1.8 3.75 3.75z",
  close: "M19 6.4 17.6 5 12 10.6 6.4 5 5 6.4l5.6 5.6L5 17.6 6.4 19l5.6-5.6 5.6 5.6 1.4-1.4-5.6-5.6z",
  paused: "M6 19h4V5H6zm8-14v14h4V5z",
};

/**
 * Makes an element.
 * @param {string} tag
 * @param {Record<string, unknown>} attributes `on…` are listeners; true, false and null work as
 *   for boolean attributes.
 * @param {...unknown} children Nodes, and strings, which become text; all else is left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, String(value));
    }
  }
  element.append(...children.filter((child) => child instanceof Node || typeof child === "string"));
  return element;
}

/** Makes a decorative icon; what it says must stand in words beside it. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/** Makes a button. kind: "primary", "plain" or "quiet" (looks like a link). */
export function button(label, kind, onclick, attributes = {}) {
  return h("button", { type: "button", class: `button ${kind}`, onclick, ...attributes }, label);
}

let ids = 0;

/** Gives an element an id of its own, if it has none; returns it. */
export function idOf(element) {
  if (!element.id) element.id = `one-${(ids += 1)}`;
  return element.id;
}

/** Makes a label above a control, with an optional note below it. */
export function field(label, control, note = null) {
  if (note) describe(control, note);
  return h("div", { class: "field" }, h("label", { for: idOf(control) }, label), control, note);
}

/** Ties an explanation to the control that it is about. */
export function describe(control, note) {
  control.setAttribute("aria-describedby", idOf(note));
}

/** Says something to screen readers only. */
export function announce(text) {
  const region = document.getElementById("announcer");
  if (region.textContent !== text) region.textContent = text;
}
