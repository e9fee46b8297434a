/** What a person has to change after an error, and the button that leads there. */

import { grantAccess } from "./access.js";

const ACCESS = new Set(["no_edit_access", "edit_not_proved", "spreadsheet_not_found"]);

/**
 * @param {{code: string}} error
 * @param {object} context
 * @param {() => unknown} again Does what failed once more.
 * @param {import("./card.js").FlowCard|null} card The card it happened in.
 * @returns {{label: string, act: () => unknown, other?: {label: string, act: () => unknown}}|null}
 *   other: another way out.
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
  if (["credentials_rejected", "service_account_gone"].includes(error.code)) {
    return { label: "Fix settings", act: () => context.openSettings() };
  }
  if (error.code === "tab_missing") {
    // Whoever deleted the tab may have meant the import too.
    const other = card && { label: "Remove this import", act: () => card.openRemoval() };
    return { label: "Make it again", act: again, other };
  }
  if (error.code === "spreadsheet_full" && card) {
    return { label: "Change start date", act: () => card.openOptions() };
  }
  return null;
}
