/** The head of a card: its title; beside other cards also one line of state, to fold the rest. */

import { h, icon, idOf } from "./dom.js";

export class CardHead {
  #body;
  #onFold;
  #line = h("span", { class: "card-line" });
  #toggle = null;
  #again;

  /**
   * @param {HTMLElement} body What is folded away.
   * @param {() => unknown} refresh Starts a run.
   * @param {() => unknown} onFold Told when it was folded or unfolded.
   */
  constructor(body, refresh, onFold) {
    this.#body = body;
    this.#onFold = onFold;
    this.text = h("span", {});
    this.title = h("h2", { tabindex: "-1" }, this.text);
    this.#again = h("button", { type: "button", class: "tool", onclick: refresh }, icon("again"));
    this.#again.hidden = true;
    this.element = h("div", { class: "card-head" }, this.title, this.#again);
  }

  /** Whether only the head is shown. */
  get isFolded() {
    return this.#body.hidden;
  }

  /** Folds or unfolds; a card alone is never folded. */
  fold(folded) {
    if (!this.#toggle) return;
    this.#body.hidden = folded;
    this.#again.hidden = !folded;
    this.#line.hidden = !folded;
    this.#toggle.setAttribute("aria-expanded", String(!folded));
    this.#onFold();
  }

  /** Puts the focus on the title, or on the button that it is. */
  focus() {
    (this.#toggle ?? this.title).focus({ preventScroll: true });
  }

  /** Turns the title into the button that folds, because there are other cards. */
  makeFoldable() {
    if (this.#toggle) return;
    const act = () => this.fold(!this.isFolded);
    this.#toggle = h(
      "button",
      { type: "button", class: "card-toggle", "aria-controls": idOf(this.#body), onclick: act },
      this.text,
      this.#line,
    );
    this.title.append(this.#toggle);
  }

  /**
   * Shows how it is.
   * @param {string} title
   * @param {string} line In few words.
   * @param {{isBad: boolean, isBusy: boolean}} state isBad: whether a person has to look.
   */
  show(title, line, { isBad, isBusy }) {
    this.text.textContent = title;
    this.#line.textContent = line;
    this.#line.classList.toggle("bad", isBad);
    const name = `Refresh ${title} now`;
    this.#again.setAttribute("aria-label", name);
    this.#again.title = name;
    if (this.#again.disabled === isBusy) return;
    this.#again.disabled = isBusy;
    this.#again.replaceChildren(isBusy ? h("span", { class: "spinner" }) : icon("again"));
  }
}
