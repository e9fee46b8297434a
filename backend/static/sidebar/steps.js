/** A short list of steps that shows how far an action is. */

import { announce, h, icon } from "./dom.js";

export class Steps {
  /** @param {string[]} labels What will be done, in order. */
  constructor(labels) {
    this.labels = labels;
    this.items = labels.map((label) =>
      h("li", { class: "step" }, h("span", { class: "step-mark" }), h("span", {}, label)),
    );
    this.element = h("ol", { class: "steps" }, ...this.items);
  }

  /** Shows that a step has begun. */
  begin(index) {
    this.#mark(index, "busy", h("span", { class: "spinner" }));
    announce(this.labels[index]);
  }

  /** Shows that a step is done. */
  finish(index) {
    this.#mark(index, "done", icon("done"));
  }

  /** Shows that the step that was going on has failed. */
  fail() {
    const index = this.items.findIndex((item) => item.classList.contains("busy"));
    if (index >= 0) this.#mark(index, "failed", icon("problem"));
  }

  #mark(index, state, mark) {
    const item = this.items[index];
    item.className = `step ${state}`;
    item.firstChild.replaceChildren(mark);
  }
}
