/** Asking again and again: soon at first, then less often, and not while the page is hidden. */

const FIRST_MS = 700;
const LONGEST_MS = 3000;
const GROWTH = 1.25;

/**
 * Calls `look` until it says that it is done.
 * @param {() => Promise<boolean>} look Returns true when there is nothing more to wait for.
 * @returns {() => void} Stops it.
 */
export function poll(look, { first = FIRST_MS, longest = LONGEST_MS } = {}) {
  let wait = first;
  let timer;
  let stopped = false;
  const later = () => {
    if (!stopped && !document.hidden) timer = setTimeout(once, wait);
  };
  const once = async () => {
    timer = undefined;
    wait = Math.min(longest, wait * GROWTH);
    const done = await look();
    if (done) stop();
    else later();
  };
  const onVisibility = () => {
    clearTimeout(timer);
    if (!document.hidden && !stopped) {
      wait = first;
      timer = setTimeout(once, 0);
    }
  };
  const stop = () => {
    stopped = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", onVisibility);
  };
  document.addEventListener("visibilitychange", onVisibility);
  later();
  return stop;
}
