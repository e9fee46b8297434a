/** How far a run is: bar, rows, rate, time left, phase in plain words, elapsed time; to be cancelled. */

import { announce, button, h } from "./dom.js";
import { counted, number, span, stopwatch } from "./format.js";

const PHASES = {
  counting: (rows) => `Counting ${rows} in Aircall`,
  reading: (rows) => `Reading ${rows} from Aircall`,
  writing: () => "Writing to the tab",
  waiting: () => "Waiting: requests are limited",
};

const LONG_QUEUE_MS = 15_000;

export class Progress {
  #rows;
  #api;
  #began;
  #timer;

  /**
   * @param {import("./api.js").Api} api For the time.
   * @param {string} label What the entity's rows are called, as "Calls".
   * @param {() => unknown} cancel Asks the run to stop.
   */
  constructor(api, label, cancel) {
    this.#api = api;
    this.#rows = label.toLowerCase();
    this.fill = h("div", { class: "bar-fill" });
    this.bar = h(
      "div",
      { class: "bar", role: "progressbar", "aria-label": `Importing ${this.#rows}`, "aria-valuemin": 0 },
      this.fill,
    );
    this.count = h("p", { class: "count" });
    this.elapsed = h("span", { class: "elapsed" });
    this.phase = h("p", { class: "phase" });
    this.pace = h("p", { class: "count" });
    this.cancel = button("Cancel", "quiet", () => {
      this.cancel.disabled = true;
      this.cancel.textContent = "Cancelling…";
      cancel();
    });
    this.element = h(
      "div",
      { class: "progress" },
      h("div", { class: "progress-line" }, this.phase, this.elapsed),
      this.bar,
      h("div", { class: "progress-line" }, h("div", {}, this.count, this.pace), this.cancel),
    );
  }

  /** Shows a run as it is now. */
  update(run) {
    this.#began = Date.parse(run.created_at);
    this.#timer ??= setInterval(() => this.#tick(), 500);
    this.#tick();
    const phase = this.#phaseOf(run);
    this.phase.textContent = phase;
    this.pace.textContent = this.#paceOf(run);
    announce(phase);
    const { rows_received: received, rows_expected: expected } = run.progress;
    const known = run.state !== "queued" && expected !== null;
    this.bar.classList.toggle("unknown", !known);
    if (known) {
      const share = expected === 0 ? 1 : Math.min(1, received / expected);
      this.fill.style.width = `${share * 100}%`;
      this.bar.setAttribute("aria-valuemax", expected);
      this.bar.setAttribute("aria-valuenow", Math.min(received, expected));
      const text = `${number(received)} of ${counted(expected, this.#rows)}`;
      this.bar.setAttribute("aria-valuetext", text);
      this.count.textContent = text;
    } else {
      this.fill.style.width = "";
      this.bar.removeAttribute("aria-valuenow");
      this.bar.removeAttribute("aria-valuetext");
      this.count.textContent = received > 0 ? counted(received, this.#rows) : "";
    }
  }

  /** Lets a person cancel again, after that could not be asked for. */
  letCancel() {
    this.cancel.disabled = false;
    this.cancel.textContent = "Cancel";
  }

  #waitOf(run) {
    return run.resume_at ? Math.max(0, Date.parse(run.resume_at) - this.#api.now()) : 0;
  }

  /** How fast it goes, and how long it still takes. */
  #paceOf(run) {
    const { rows_per_minute: rate, seconds_left: left } = run.progress;
    const wait = this.#waitOf(run);
    if (run.state === "waiting") return wait ? `Goes on by itself in ${span(wait)}` : "Goes on by itself";
    if (run.state === "queued" || !rate) return "";
    return [`${number(rate)} a minute`, left > 0 && `${span(left * 1000)} left`].filter(Boolean).join(", ");
  }

  #phaseOf(run) {
    if (run.state === "waiting" && !run.started_at) return "Gathering events, then it begins";
    if (run.state === "waiting") {
      // Who waits until a moment waits for a limit; all others for a free worker.
      return this.#waitOf(run) ? PHASES.waiting() : "Other imports have their turn";
    }
    if (run.trigger === "undo" && run.state === "running") return "Putting the former rows back";
    if (run.state !== "queued") return PHASES[run.progress.phase](this.#rows);
    const isLong = this.#api.now() - this.#began > LONG_QUEUE_MS;
    return isLong ? "Still waiting: other imports are ahead" : "Waiting to start";
  }

  /** Stops the clock. */
  stop() {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick() {
    this.elapsed.textContent = stopwatch(this.#api.now() - this.#began);
  }
}
