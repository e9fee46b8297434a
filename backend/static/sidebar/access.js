/** Edit access for Callsheet's account: granted, then proved. */

import { ApiError, asApiError } from "./api.js";
import { h } from "./dom.js";

export const ACCESS_STEPS = ["Share this spreadsheet", "Confirm that you can edit it"];

/**
 * Shares the spreadsheet with the service account and proves edit access.
 *
 * Where sharing is refused, somebody may have shared it by hand: only the proof decides.
 * @param {import("./api.js").Api} api
 * @param {string} email The service account.
 * @param {import("./steps.js").Steps|null} steps
 */
export async function grantAccess(api, email, steps = null) {
  steps?.begin(0);
  const refusal = await api.share(email).then(
    () => null,
    (error) => asApiError(error),
  );
  if (!refusal) steps?.finish(0);
  if (!refusal) steps?.begin(1);
  try {
    await api.prove();
  } catch (error) {
    throw refusal && asApiError(error).code === "no_edit_access"
      ? new ApiError({ code: "no_edit_access", message: refusal.message, recovery: "fix_by_user" })
      : error;
  }
  steps?.finish(0);
  steps?.finish(1);
}

/** Makes the words by which a person agrees to share. */
export function consent(email) {
  return h(
    "p",
    { class: "consent" },
    "Callsheet writes with the account",
    h("strong", { class: "address" }, email),
    "Connecting gives it edit access to this spreadsheet. You can remove it any time under Share.",
  );
}
