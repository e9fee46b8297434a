/**
 * @fileoverview The five calls that the page in the sidebar may make.
 *
 * Every function here can be called by the page with anything at all as arguments,
 * so each checks what it was given. All of them act on the open spreadsheet only.
 */

const PROOF_KEY_ = 'callsheet.proof';

/**
 * Gets a fresh session, before the old one runs out.
 * @return {{session: string, expires_at: string}} The new session.
 */
function renewSession() {
  const backend = backendUrl_();
  if (!backend) throw new Error('The script property BACKEND_URL is not set.');
  const fresh = requestSession_(backend);
  return {session: fresh.session, expires_at: fresh.expires_at};
}

/**
 * Gives Callsheet's own account edit access to this spreadsheet.
 * @param {string} email The account's address.
 * @return {boolean} True once it may edit.
 */
function shareWithServiceAccount(email) {
  if (typeof email !== 'string' ||
      !/^[a-z0-9][a-z0-9._-]*@[a-z0-9.-]+\.iam\.gserviceaccount\.com$/i.test(email)) {
    throw new Error('Only a Google service account can be given access from here.');
  }
  try {
    SpreadsheetApp.getActive().addEditor(email);
  } catch (error) {
    console.error('Sharing was refused: ' + error.message);
    throw new Error(
        'This spreadsheet could not be shared with ' + email + '. Your organisation may not ' +
        'allow sharing outside it. Ask its administrator, or add the address yourself under ' +
        'Share, as an editor.');
  }
  return true;
}

/**
 * Writes the backend's nonce into the spreadsheet: only somebody who may edit it can.
 * @param {string} key The metadata key, always callsheet.proof.
 * @param {string} nonce What the backend wants to find there.
 * @return {boolean} True once it is written.
 */
function writeProof(key, nonce) {
  if (key !== PROOF_KEY_) throw new Error('Only the key ' + PROOF_KEY_ + ' can be written.');
  if (typeof nonce !== 'string' || !/^[\w.~=-]{16,256}$/.test(nonce)) {
    throw new Error('The proof of edit access is not in the expected form.');
  }
  const spreadsheet = SpreadsheetApp.getActive();
  spreadsheet.createDeveloperMetadataFinder()
      .withKey(PROOF_KEY_)
      .withLocationType(SpreadsheetApp.DeveloperMetadataLocationType.SPREADSHEET)
      .find()
      .forEach((older) => older.remove());
  spreadsheet.addDeveloperMetadata(
      PROOF_KEY_, nonce, SpreadsheetApp.DeveloperMetadataVisibility.DOCUMENT);
  return true;
}

/**
 * Brings a tab to the front.
 * @param {number} tabId The tab's numeric id, which survives renaming and moving.
 * @return {boolean} True once it is shown.
 */
function activateTab(tabId) {
  if (!Number.isSafeInteger(tabId) || tabId < 0) throw new Error('That is not the id of a tab.');
  const tab = SpreadsheetApp.getActive().getSheets().find((one) => one.getSheetId() === tabId);
  if (!tab) throw new Error('That tab is no longer in this spreadsheet.');
  tab.activate();
  return true;
}

/**
 * Reads the settings that decide how dates and numbers look.
 * @return {{title: string, timeZone: string, locale: string}} Of the open spreadsheet.
 */
function spreadsheetSettings() {
  const spreadsheet = SpreadsheetApp.getActive();
  return {
    title: spreadsheet.getName(),
    timeZone: spreadsheet.getSpreadsheetTimeZone(),
    locale: spreadsheet.getSpreadsheetLocale(),
  };
}
