/** Following a run live: server-sent events while the server can, asking again and again otherwise. */

import { poll } from "./polling.js";

const AGAIN_MS = 250;
/** Streams at once: a browser has six connections to a server, and the rest of the page needs some. */
const MOST_STREAMS = 2;
let streams = 0;

/**
 * Calls `hear` with each state of a run until it says that it is done.
 * @param {import("./api.js").Api} api
 * @param {string} runId
 * @param {(run: object) => Promise<boolean>} hear Returns true when there is nothing more to hear.
 * @param {() => Promise<boolean>} look Asks for the run itself, where there are no events.
 * @returns {() => void} Stops it.
 */
export function follow(api, runId, hear, look) {
  const leaving = new AbortController();
  let stopPolling = null;
  const stop = () => {
    leaving.abort();
    stopPolling?.();
  };
  if (streams >= MOST_STREAMS) {
    stopPolling = poll(look);
    return stop;
  }
  const listen = async () => {
    while (!leaving.signal.aborted) {
      await visible();
      for await (const run of api.events(runId, leaving.signal)) {
        if (leaving.signal.aborted) return;
        if (await hear(run)) return stop();
      }
      // The server ends each stream after a while.
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
    }
  };
  streams += 1;
  listen()
    .catch(() => {
      if (!leaving.signal.aborted) stopPolling = poll(look);
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
 * @param {ReadableStream<Uint8Array>} stream
 */
export async function* eventsOf(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
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
