/** What a person has to change after an error, and the button that leads there. */

import { grantAccess } from "./access.js";

const ACCESS = new Set(["no_edit_access", "edit_not_proved", "spreadsheet_not_found"]);

/**
 * @param {{code: string}} error
 * @param {object} context
 * @param {() => unknown} again Does what failed once more.
 * @param {import("./card.js").FlowCard|null} card The card it happened in.
 * @returns {{label: string, act: () => unknown}|null}
 */
export function fixFor(error, context, again, card = null) {
  if (ACCESS.has(error.code)) {
    return {
      label: "Grant access",
      act: async () => {
        try {
          await grantAccess(context.api, context.api.serviceAccount);
        } catch (failure) {
          context.complain(failure);
          return;
        }
        await again();
      },
    };
  }
  if (error.code === "credentials_rejected") {
    return { label: "Fix settings", act: () => context.openSettings() };
  }
  if (error.code === "tab_missing") return { label: "Import again", act: again };
  if (error.code === "spreadsheet_full" && card) {
    return { label: "Change start date", act: () => card.openOptions() };
  }
  return null;
}
