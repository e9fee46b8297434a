/** How far a run is: bar, rows, phase in plain words, elapsed time. */

import { announce, h } from "./dom.js";
import { counted, number, stopwatch } from "./format.js";

const PHASES = {
  counting: (rows) => `Counting ${rows} in Aircall`,
  reading: (rows) => `Reading ${rows} from Aircall`,
  writing: () => "Writing to the tab",
  waiting: () => "Waiting for a request limit",
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
   */
  constructor(api, label) {
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
    this.element = h(
      "div",
      { class: "progress" },
      h("div", { class: "progress-line" }, this.phase, this.elapsed),
      this.bar,
      this.count,
    );
  }

  /** Shows a run as it is now. */
  update(run) {
    this.#began = Date.parse(run.created_at);
    this.#timer ??= setInterval(() => this.#tick(), 500);
    this.#tick();
    const phase = this.#phaseOf(run);
    this.phase.textContent = phase;
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

  #phaseOf(run) {
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
