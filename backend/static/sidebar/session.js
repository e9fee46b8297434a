/** The session: taken from the fragment, kept in memory only, renewed by the script. */

const RENEW_BEFORE_MS = 2 * 60 * 1000;

/**
 * Reads `#session=…&host=…` and removes it from the address.
 * @returns {{session: string|null, host: string|null}}
 */
export function takeFragment() {
  const given = new URLSearchParams(window.location.hash.slice(1));
  window.history.replaceState(null, "", window.location.pathname);
  return { session: given.get("session"), host: originOrNull(given.get("host")) };
}

function originOrNull(text) {
  try {
    const origin = new URL(text || "").origin;
    return origin === "null" ? null : origin;
  } catch {
    return null;
  }
}

export class Session {
  #token;
  #expires = Infinity;
  #bridge;
  #renewal = null;

  /**
   * @param {string|null} token
   * @param {import("./bridge.js").Bridge} bridge
   */
  constructor(token, bridge) {
    this.#token = token;
    this.#bridge = bridge;
  }

  /** @param {string} moment When the session ends, ISO 8601. */
  set expiresAt(moment) {
    this.#expires = Date.parse(moment);
  }

  /**
   * @param {number} now Milliseconds, by the server's clock.
   * @returns {Promise<string>} A token that still counts.
   */
  async token(now) {
    if (!this.#token || this.#expires - now < RENEW_BEFORE_MS) await this.renew();
    return this.#token;
  }

  /** Asks the script for a new session; calls at the same time share one renewal. */
  async renew() {
    this.#renewal ??= this.#bridge.call("renewSession").finally(() => {
      this.#renewal = null;
    });
    const fresh = await this.#renewal;
    this.#token = fresh.session;
    this.expiresAt = fresh.expires_at;
  }
}
