/** The backend's API: session, renewal, proof of edit access, and errors that can be shown. */

import { BridgeError } from "./bridge.js";
import { eventsOf } from "./following.js";

const TIMEOUT_MS = 30_000;
const PROOF_NEEDED = "edit_not_proved";

/** An error with a sentence to show and what helps: fix_by_user, retry_later, report_bug. */
export class ApiError extends Error {
  constructor({ code, message, recovery }) {
    super(message);
    this.code = code;
    this.recovery = recovery;
  }
}

/** Turns whatever was thrown into an ApiError. */
export function asApiError(error) {
  if (error instanceof ApiError) return error;
  if (error instanceof BridgeError) {
    const recovery = error.canRetry ? "retry_later" : "fix_by_user";
    return new ApiError({ code: "sheets_refused", message: error.message, recovery });
  }
  return new ApiError({
    code: "page_error",
    message: "Something went wrong in the sidebar. Close it and open it again.",
    recovery: "report_bug",
  });
}

export class Api {
  #session;
  #bridge;
  #skew = 0;
  /** The address that Callsheet writes with, as soon as the server has told it. */
  serviceAccount = null;

  /**
   * @param {import("./session.js").Session} session
   * @param {import("./bridge.js").Bridge} bridge
   */
  constructor(session, bridge) {
    this.#session = session;
    this.#bridge = bridge;
  }

  /** The time by the server's clock, in milliseconds. */
  now() {
    return Date.now() + this.#skew;
  }

  /** Reads all that the page needs; proves edit access first when the server asks for it. */
  async overview() {
    const overview = await this.#proved(() => this.#send("GET", "/overview"));
    this.serviceAccount = overview.service_account_email;
    this.#session.expiresAt = overview.session_expires_at;
    return overview;
  }

  /** Reads one run. */
  run(id) {
    return this.#send("GET", `/runs/${encodeURIComponent(id)}`);
  }

  /** Reads something else. */
  read(path) {
    return this.#proved(() => this.#send("GET", path));
  }

  /** Yields each state of a run as it changes, until the server ends the stream. */
  events(id, signal) {
    return eventsOf(this.#fetch("GET", `/runs/${encodeURIComponent(id)}/events`, undefined, signal));
  }

  /** Changes something; proves edit access first when the server asks for it. */
  change(method, path, body) {
    return this.#proved(() => this.#send(method, path, body));
  }

  async #proved(send) {
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof ApiError) || error.code !== PROOF_NEEDED) throw error;
      await this.prove();
      return send();
    }
  }

  /** Gives the service account edit access to the spreadsheet. */
  share(email) {
    return this.#bridge.call("shareWithServiceAccount", email);
  }

  /** Proves that the person can edit: the script writes a nonce, the server reads it back. */
  async prove() {
    const proof = await this.#send("POST", "/edit-proofs");
    this.serviceAccount = proof.service_account_email;
    await this.#bridge.call("writeProof", proof.key, proof.nonce);
    await this.#send("POST", "/edit-proofs/verify", { nonce: proof.nonce });
  }

  /** Brings a tab to the front. */
  openTab(tabId) {
    return this.#bridge.call("activateTab", tabId);
  }

  async #send(method, path, body) {
    let answer = await this.#fetch(method, path, body);
    if (answer.status === 401 && this.#bridge.isThere) {
      await this.#session.renew();
      answer = await this.#fetch(method, path, body);
    }
    if (answer.status === 204) return null;
    const json = await answer.json().catch(() => null);
    if (answer.ok && json) return json;
    throw new ApiError(json?.error ?? UNREACHABLE);
  }

  async #fetch(method, path, body, signal = AbortSignal.timeout(TIMEOUT_MS)) {
    const token = await this.#session.token(this.now());
    const headers = { Authorization: `Bearer ${token}` };
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let answer;
    try {
      answer = await fetch(new URL(`api/v1${path}`, document.baseURI), {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "omit",
        cache: "no-store",
        signal,
      });
    } catch {
      throw new ApiError(UNREACHABLE);
    }
    const date = Date.parse(answer.headers.get("Date") ?? "");
    // The header has whole seconds: smaller differences are not the clocks'.
    const difference = date - Date.now();
    if (Math.abs(difference) > 2000) this.#skew = difference;
    return answer;
  }
}

const UNREACHABLE = {
  code: "unreachable",
  message: "Callsheet cannot be reached right now. Check your connection and try again.",
  recovery: "retry_later",
};
