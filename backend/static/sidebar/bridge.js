/** The way to Apps Script: calls to the page that frames us, by postMessage. */

const SECONDS = {
  renewSession: 40,
  shareWithServiceAccount: 60,
  writeProof: 40,
  activateTab: 20,
  spreadsheetSettings: 20,
};

/** Thrown when the script refused a call or did not answer; the message may be shown. */
export class BridgeError extends Error {
  /** Whether trying again may help. */
  canRetry = true;
}

export class Bridge {
  #host;
  #waiting = new Map();
  #count = 0;

  /** @param {string|null} host Origin of the page that frames us; null when there is none. */
  constructor(host) {
    this.#host = host;
    window.addEventListener("message", (event) => this.#receive(event));
  }

  /** Whether somebody frames us to whom we may talk. */
  get isThere() {
    return this.#host !== null && window.parent !== window;
  }

  /**
   * Calls a function of the script and waits for its answer.
   * @param {keyof typeof SECONDS} call Its name.
   * @param {...unknown} args JSON values.
   * @returns {Promise<any>} What it returned. Rejects with BridgeError.
   */
  call(call, ...args) {
    if (!this.isThere) {
      const alone = new BridgeError(
        "Open Callsheet from the Extensions menu of your spreadsheet.",
      );
      alone.canRetry = false;
      return Promise.reject(alone);
    }
    const id = `${Date.now()}-${(this.#count += 1)}`;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new BridgeError("Google Sheets did not answer. Try again in a moment."));
      }, SECONDS[call] * 1000);
      this.#waiting.set(id, { resolve, reject, timer });
      window.parent.postMessage({ callsheet: 1, id, call, args }, this.#host);
    });
  }

  #receive(event) {
    if (event.source !== window.parent || event.origin !== this.#host) return;
    const answer = event.data;
    if (!answer || answer.callsheet !== 1) return;
    const waiting = this.#waiting.get(answer.id);
    if (!waiting) return;
    this.#waiting.delete(answer.id);
    clearTimeout(waiting.timer);
    if (answer.ok) waiting.resolve(answer.value);
    else waiting.reject(new BridgeError(sentence(answer.error)));
  }
}

function sentence(error) {
  const text = typeof error === "string" ? error : (error && error.message) || "";
  return text || "Google Sheets could not do this. Try again.";
}
