/** What an import will need, said before it is started; never in the way of the button. */

import { Asking } from "./asking.js";
import { button, h } from "./dom.js";
import { counted } from "./format.js";

const LATER_MS = 10_000;

export class Estimate {
  #asking;

  /**
   * @param {object} context
   * @param {(found: object) => void} choose Takes the period that was suggested.
   */
  constructor(context, choose) {
    this.#asking = new Asking(
      (body) => context.api.change("POST", "/estimates", body),
      (answer, error) => this.#hear(answer, error),
    );
    this.choose = choose;
    this.text = h("p", { class: "headline" });
    this.detail = h("p", { class: "note" });
    this.notes = h("div", { class: "stack-small" });
    this.element = h(
      "div",
      { class: "estimate", role: "status", "aria-live": "polite", "aria-label": "Estimate" },
      this.text,
      this.detail,
      this.notes,
    );
  }

  /** Asks what an import would need, a moment after the last change. */
  ask({ entity, since, options }) {
    const body = { entity, since, options };
    if (since === "") {
      this.#asking.hush(body);
      this.#show("", "Choose a start date to see what it takes.");
      return;
    }
    if (!this.#asking.ask(body)) return;
    this.element.setAttribute("aria-busy", "true");
    if (!this.text.textContent) this.#wait();
  }

  #hear(answer, error) {
    if (!this.element.isConnected) return;
    if (answer) this.#explain(answer);
    else if (error.recovery === "fix_by_user") this.#show("", error.message);
    else {
      this.#show("", "No estimate right now. You can import all the same.");
      this.#asking.again(LATER_MS);
    }
  }

  #explain(found) {
    // The start date itself says that it is too early.
    const warnings = found.crosses_six_months ? found.warnings.slice(1) : found.warnings;
    const notes = warnings.map((warning) => h("p", { class: "note-warning" }, warning));
    if (found.suggested_days) {
      const label = `Take the last ${counted(found.suggested_days, "days")}`;
      notes.push(button(label, "plain", () => this.choose(found)));
    }
    this.#show(found.headline, found.detail, ...notes);
  }

  #wait() {
    this.text.textContent = "Counting in Aircall…";
    this.text.hidden = false;
  }

  #show(headline, detail, ...notes) {
    this.element.removeAttribute("aria-busy");
    this.text.textContent = headline;
    this.text.hidden = headline === "";
    this.detail.textContent = detail;
    this.notes.replaceChildren(...notes);
    this.notes.hidden = !notes.length;
  }
}
