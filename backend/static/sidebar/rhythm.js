/** When a data flow is refreshed: rhythm, time of day, days of the week, working hours. */

import { field, h } from "./dom.js";

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const TIMED = new Set(["daily", "weekly"]);
const USUAL_TIME = "06:00";
const USUAL_HOURS = { start: "08:00", end: "18:00" };

/**
 * Makes the fields of a schedule.
 * @param {object} context
 * @param {object} schedule As it is.
 * @param {(part: object) => HTMLElement} [wrap] Puts what belongs to the rhythm into a frame.
 * @returns {{element: HTMLElement, value: () => object, set: (schedule: object) => void}} value:
 *   the schedule as the API takes it.
 */
export function rhythm(context, schedule, wrap = ({ element }) => element) {
  const select = h("select", {});
  for (const { name, label } of context.overview.cadences) {
    select.append(h("option", { value: name }, label));
  }
  const isTimed = () => TIMED.has(select.value);
  const time = timeField("Time", USUAL_TIME);
  const hours = hoursField();
  const days = daysField();
  const details = wrap({
    element: h("div", { class: "stack-small" }, time.element, days.element, hours.element),
    says: () => [isTimed() ? time.value() : hours.says(), days.says()].filter(Boolean).join(", "),
  });
  const show = () => {
    details.hidden = select.value === "off";
    time.element.hidden = !isTimed();
    hours.element.hidden = isTimed();
  };
  select.addEventListener("input", () => {
    // A week that is not chosen yet begins with one day; all other rhythms with all of them.
    if (select.value === "weekly") days.set(["monday"]);
    else if (days.was() === "weekly") days.set([]);
    days.remember(select.value);
    show();
    details.dispatchEvent(new Event("input", { bubbles: true }));
  });
  const set = (given) => {
    select.value = given.cadence;
    time.set(given.at ?? USUAL_TIME);
    days.set(given.days);
    days.remember(given.cadence);
    hours.set(given.hours);
    show();
    details.dispatchEvent(new Event("input"));
  };
  set(schedule);
  const value = () => {
    if (select.value === "off") return { cadence: "off" };
    const chosen = { cadence: select.value, days: days.value() };
    return isTimed() ? { ...chosen, at: time.value() } : { ...chosen, hours: hours.value() };
  };
  return { element: h("div", { class: "stack-small" }, field("Refresh", select), details), value, set };
}

function timeField(label, usual) {
  const input = h("input", { type: "time", required: true, value: usual });
  const set = (text) => {
    input.value = text;
  };
  return { element: field(label, input), value: () => input.value || usual, set };
}

/** The days as seven chips; all of them mean every day. */
function daysField() {
  let cadence = "";
  const chips = DAYS.map((day) => {
    const name = day[0].toUpperCase() + day.slice(1);
    const chip = h("button", { type: "button", class: "chip", "aria-label": name }, name.slice(0, 2));
    chip.addEventListener("click", () => toggle(chip));
    return chip;
  });
  const isOn = (chip) => chip.getAttribute("aria-pressed") === "true";
  const toggle = (chip) => {
    if (isOn(chip) && chips.filter(isOn).length === 1) return; // one day has to stay
    chip.setAttribute("aria-pressed", String(!isOn(chip)));
    chip.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const chosen = () => DAYS.filter((_, index) => isOn(chips[index]));
  const set = (days = []) => {
    chips.forEach((chip, index) => {
      chip.setAttribute("aria-pressed", String(!days.length || days.includes(DAYS[index])));
    });
  };
  const row = h("div", { class: "chips days", role: "group", "aria-label": "Days" }, ...chips);
  return {
    element: h("div", { class: "field" }, h("span", { class: "label", "aria-hidden": "true" }, "Days"), row),
    set,
    value: () => (chosen().length === DAYS.length ? [] : chosen()),
    was: () => cadence,
    remember: (now) => {
      cadence = now;
    },
    says: () => daysText(chosen()),
  };
}

function daysText(days) {
  if (days.length === DAYS.length) return "every day";
  const names = days.map((day) => day[0].toUpperCase() + day.slice(1, 3));
  const first = DAYS.indexOf(days[0]);
  const isRow = days.length > 2 && days.every((day, index) => DAYS[first + index] === day);
  return isRow ? `${names[0]} to ${names.at(-1)}` : names.join(", ");
}

/** The working hours: a tick, and from when to when. */
function hoursField() {
  const only = h("input", { type: "checkbox" });
  const start = timeField("From", USUAL_HOURS.start);
  const end = timeField("Until", USUAL_HOURS.end);
  const pair = h("div", { class: "pairs" }, start.element, end.element);
  const show = () => {
    pair.hidden = !only.checked;
  };
  only.addEventListener("input", show);
  const set = (hours) => {
    only.checked = Boolean(hours);
    start.set(hours?.start ?? USUAL_HOURS.start);
    end.set(hours?.end ?? USUAL_HOURS.end);
    show();
  };
  const value = () => (only.checked ? { start: start.value(), end: end.value() } : null);
  return {
    element: h(
      "div",
      { class: "stack-small" },
      h("label", { class: "check" }, only, h("span", {}, "Only within working hours")),
      pair,
    ),
    set,
    value,
    says: () => (only.checked ? `${start.value()}–${end.value()}` : "All day"),
  };
}
