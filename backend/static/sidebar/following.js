/** Following a run live: server-sent events while the server can, asking again and again otherwise. */

import { poll } from "./polling.js";

const AGAIN_MS = 250;
/** Streams at once: a browser has six connections to a server, and the rest of the page needs some. */
const MOST_STREAMS = 2;
let streams = 0;
/** The server says at once how the run is, and gives a sign of life every 10 seconds: what is
 * slower is held up on its way, as by a proxy that collects answers. */
const FIRST_MS = 4000;
const SILENCE_MS = 15_000;

/**
 * Calls `hear` with each state of a run until it says that it is done.
 * @param {import("./api.js").Api} api
 * @param {string} runId
 * @param {(run: object) => Promise<boolean>} hear Returns true when there is nothing more to hear.
 * @param {() => Promise<boolean>} look Asks for the run itself, where there are no events.
 * @returns {() => void} Stops it.
 */
export function follow(api, runId, hear, look) {
  const line = new AbortController();
  let isOver = false;
  let stopPolling = null;
  const stop = () => {
    isOver = true;
    line.abort();
    stopPolling?.();
  };
  if (streams >= MOST_STREAMS) {
    stopPolling = poll(look);
    return stop;
  }
  const listen = async () => {
    while (!isOver) {
      await visible();
      for await (const run of api.events(runId, line.signal)) {
        if (isOver) return;
        if (await hear(run)) return stop();
      }
      // The server ends each stream after a while.
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  streams += 1;
  listen()
    .catch(() => {
      line.abort();
      if (!isOver) stopPolling = poll(look);
    })
    .finally(() => {
      streams -= 1;
    });
  return stop;
}

/** Waits until somebody can see the page: nobody follows what nobody sees. */
function visible() {
  return new Promise((resolve) => {
    if (!document.hidden) return resolve();
    document.addEventListener("visibilitychange", () => resolve(visible()), { once: true });
  });
}

/**
 * Yields the data of each event of a stream, parsed (HTML standard, 9.2.5; ours have one line each).
 * Fails when nothing comes for too long.
 * @param {Promise<Response>} asked
 */
export async function* eventsOf(asked) {
  const answer = await within(FIRST_MS, asked);
  if (!answer.ok || !answer.body) throw new Error("no stream");
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let patience = FIRST_MS;
  let text = "";
  try {
    for (;;) {
      const { done, value } = await within(patience, reader.read());
      if (done) return;
      patience = SILENCE_MS;
      const blocks = (text + value).split("\n\n");
      text = blocks.pop();
      for (const block of blocks) {
        const data = block.split("\n").find((line) => line.startsWith("data: "));
        if (data) yield JSON.parse(data.slice(6));
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}

/** What a promise brings, unless it takes too long. */
function within(milliseconds, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("too late")), milliseconds);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
