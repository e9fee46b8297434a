/** Asking the server while somebody chooses: a moment after the last change, the newest answer counts. */

import { asApiError } from "./api.js";

const PAUSE_MS = 350;

export class Asking {
  #send;
  #hear;
  #timer;
  #asked = "";
  #latest = 0;

  /**
   * @param {(body: object) => Promise<object>} send
   * @param {(answer: object|null, error: import("./api.js").ApiError|null) => void} hear Called with
   *   one of both, unless something else was asked meanwhile.
   */
  constructor(send, hear) {
    this.#send = send;
    this.#hear = hear;
  }

  /** Asks, unless that is what was asked last. Returns whether something will be heard. */
  ask(body) {
    if (!this.#isNew(body)) return false;
    this.#later(body, PAUSE_MS);
    return true;
  }

  /** Waits for nothing more: what was chosen last needs no answer. */
  hush(body) {
    this.#isNew(body);
  }

  /** Asks the same once more, so many milliseconds later. */
  again(milliseconds) {
    this.#later(JSON.parse(this.#asked), milliseconds);
  }

  #isNew(body) {
    const asked = JSON.stringify(body);
    if (asked === this.#asked) return false;
    this.#asked = asked;
    this.#latest += 1;
    clearTimeout(this.#timer);
    return true;
  }

  #later(body, milliseconds) {
    const number = this.#latest;
    this.#timer = setTimeout(async () => {
      let answer = null;
      let error = null;
      try {
        answer = await this.#send(body);
      } catch (thrown) {
        error = asApiError(thrown);
      }
      if (number === this.#latest) this.#hear(answer, error);
    }, milliseconds);
  }
}
