/** What is open below a card, one form at a time, and the links that open it. */

import { changeForm } from "./card_forms.js";
import { cardMenu } from "./card_menu.js";
import { button, h, idOf } from "./dom.js";
import { historyView } from "./history.js";
import { scheduleForm } from "./scheduling.js";

const FORMS = [
  ["Options", changeForm],
  ["Schedule", scheduleForm],
  ["Runs", historyView],
  ["More", cardMenu],
];

export class CardDrawer {
  #context;
  #card;
  #links;
  #made = null; // what made the form that is open

  /**
   * @param {object} context
   * @param {import("./card.js").FlowCard} card
   */
  constructor(context, card) {
    this.#context = context;
    this.#card = card;
    this.element = h("div", { class: "drawer" });
    this.#links = FORMS.map(([label, make]) => [
      make,
      button(label, "quiet", () => this.#toggle(make), {
        "aria-controls": idOf(this.element),
        "aria-expanded": "false",
      }),
    ]);
    this.links = h("div", { class: "links" }, ...this.#links.map(([, link]) => link));
  }

  /** Opens a form, in the place of one that is open, with the focus on its first field. */
  open(make) {
    this.#show(make);
    this.element.replaceChildren(make(this.#context, this.#card));
    this.element.querySelector("input:not([readonly]), select, button")?.focus();
  }

  /** Closes what is open; the focus goes back to the link that had led there. */
  close() {
    if (!this.#made) return;
    const hadFocus = this.element.contains(document.activeElement);
    const opener = this.#links.find(([make]) => make === this.#made) ?? this.#links.at(-1);
    this.#show(null);
    this.element.replaceChildren();
    if (hadFocus) opener[1].focus();
  }

  /** Tells what is open that a run has ended. */
  renew() {
    this.element.firstElementChild?.dispatchEvent(new Event("renew"));
  }

  #toggle(make) {
    if (this.#made === make) this.close();
    else this.open(make);
  }

  #show(make) {
    this.#made = make;
    for (const [one, link] of this.#links) link.setAttribute("aria-expanded", String(one === make));
  }
}
