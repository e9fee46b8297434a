"""What is wrong with how the sidebar looks right now, found by its own browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Frame

LEAST_CONTRAST = 4.5  # WCAG 2.2, 1.4.3
LEAST_TARGET = 24  # pixels; WCAG 2.2, 2.5.8

_LOOK = """
([leastContrast, leastTarget]) => {
  const shown = (selector) =>
    [...document.querySelectorAll(selector)].filter((one) => one.checkVisibility());
  const named = (ones) => ones.map((one) => one.outerHTML.slice(0, 200));
  const controls = shown("input, select, button, summary, textarea");
  const light = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((part) =>
      part <= 10 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const parts = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (one) => {
    for (let at = one; at; at = at.parentElement) {
      const colour = parts(getComputedStyle(at).backgroundColor);
      if (colour[3] !== 0) return colour;
    }
    return [255, 255, 255];
  };
  const contrast = (one) => {
    const both = [light(parts(getComputedStyle(one).color)), light(behind(one))];
    return (Math.max(...both) + 0.05) / (Math.min(...both) + 0.05);
  };
  const hasText = (one) =>
    [...one.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
  const box = (one) => one.getBoundingClientRect();
  const isReached = (one) => one.tabIndex >= 0 && !["checkbox", "radio"].includes(one.type);
  return {
    nameless: named(controls.filter((one) =>
      !one.labels?.length && !one.getAttribute("aria-label") && !one.textContent.trim())),
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    spilled: named(shown(".card :is(input, select, textarea, button, summary, p, dd)")
      .filter((one) => box(one).right > box(one.closest(".card")).right - 6)),
    pale: named(shown("#app *").filter((one) =>
      hasText(one) && !one.disabled && contrast(one) < leastContrast)),
    small: named(controls.filter((one) =>
      isReached(one) && Math.min(box(one).width, box(one).height) < leastTarget)),
    coloured: Math.max(0, shown("button.primary").length - 1),
  };
}
"""
FINE: dict[str, Any] = {
    "nameless": [],
    "wide": 0,
    "spilled": [],
    "pale": [],
    "small": [],
    "coloured": 0,
}


def wrong_with(sidebar: Frame) -> dict[str, Any]:
    """Return what is wrong, by kind; equal to FINE where nothing is.

    nameless: controls that a screen reader cannot name. wide: pixels beyond the frame. spilled:
    beyond their card. pale: text without contrast. small: targets too small to hit. coloured:
    buttons with the colour beside the one that may have it.
    """
    found: dict[str, Any] = sidebar.evaluate(_LOOK, [LEAST_CONTRAST, LEAST_TARGET])
    return found
