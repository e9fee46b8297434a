/** Rules that change how cells look from a moment on, as the page's clock tells it. */

/** The rules of a tab that hold now. */
export function holding(tab) {
  const now = Date.now();
  return tab.rules.filter((rule) => rule.from <= now);
}

/** The style that the first of the rules gives to a cell, or none. */
export function lookOf(rules, row, column) {
  const covers = ([top, left, bottom, right]) =>
    top <= row && row < bottom && left <= column && column < right;
  const found = rules.find((rule) => rule.areas.some(covers));
  return found ? found.css : '';
}
