/** What a schedule that is being chosen would mean: in words, when next, and why then. */

import { Asking } from "./asking.js";
import { h } from "./dom.js";
import { upcoming } from "./format.js";

export class Foreseen {
  #context;
  #flow;
  #asking;

  /**
   * @param {object} context
   * @param {object|null} flow The data flow that would get the schedule; null: a new one, which is
   *   imported right away first.
   */
  constructor(context, flow) {
    this.#context = context;
    this.#flow = flow;
    this.#asking = new Asking(
      (schedule) => context.api.change("POST", "/schedule-previews", { schedule, flow_id: flow?.id }),
      (answer, error) => this.#hear(answer, error),
    );
    const look = flow ? "foreseen boxed" : "foreseen";
    const asStatus = { role: "status", "aria-live": "polite", "aria-label": "What this means" };
    this.element = h("div", { class: look, ...asStatus });
  }

  /** Says what the schedule would mean, a moment after the last change. */
  ask(schedule) {
    if (this.#asking.ask(schedule)) this.element.setAttribute("aria-busy", "true");
  }

  #hear(answer, error) {
    this.element.removeAttribute("aria-busy");
    this.element.replaceChildren(...(answer ? this.#lines(answer) : refusal(error)));
  }

  #lines({ schedule, next_runs: next, placement, note }) {
    const { api, overview } = this.#context;
    const times = upcoming(next, overview.spreadsheet.time_zone, api.now());
    const said = (text) => h("p", { class: "note" }, text);
    const isPaused = this.#flow?.is_paused;
    return [
      this.#flow && h("p", { class: "headline" }, capital(schedule.sentence)),
      isPaused && said("Paused: nothing is refreshed by itself until you resume it."),
      times && !isPaused && said(this.#flow ? `Next: ${times}` : `Right away, then ${times}`),
      placement && said(`It comes ${placement}.`),
      note && said(note),
    ].filter(Boolean);
  }
}

/** What is wrong with it; that nobody can say right now is no reason to worry. */
function refusal(error) {
  if (error.recovery !== "fix_by_user") return [];
  return [h("p", { class: "note note-warning" }, error.message)];
}

function capital(text) {
  return text[0].toUpperCase() + text.slice(1);
}
