/**
 * @fileoverview What the add-on asks of the Callsheet backend: a session.
 */

const FETCH_SECONDS_ = 20;
const UNREACHABLE_ =
    'Callsheet cannot be reached right now. Wait a minute, then open the sidebar again.';

/**
 * Reads the backend's address. Https only; plain http is for a backend on this machine.
 * @return {?string} The address without a final slash, or null when it is missing or wrong.
 */
function backendUrl_() {
  const set = PropertiesService.getScriptProperties().getProperty('BACKEND_URL') || '';
  const url = set.trim().replace(/\/+$/, '');
  const isSafe = /^https:\/\/[^\/?#\s]+/.test(url) ||
      /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?(\/|$)/.test(url);
  return isSafe ? url : null;
}

/**
 * Signs the current user in at the backend, for the spreadsheet that is open.
 * @param {string} backend The backend's address.
 * @return {{session: string, expires_at: string, sidebar_url: string}} The new session.
 */
function requestSession_(backend) {
  const identity = ScriptApp.getIdentityToken();
  if (!identity) {
    throw new Error(
        'Callsheet may not see who you are. Reload the spreadsheet, open the sidebar again ' +
        'and allow every permission that Google asks for.');
  }
  const spreadsheet = SpreadsheetApp.getActive();
  return postJson_(backend + '/api/v1/sessions', identity, {
    spreadsheet_id: spreadsheet.getId(),
    spreadsheet_title: spreadsheet.getName(),
    time_zone: spreadsheet.getSpreadsheetTimeZone(),
    locale: spreadsheet.getSpreadsheetLocale(),
  });
}

/**
 * Sends JSON to the backend and reads its JSON answer.
 * @param {string} url The whole address.
 * @param {string} identity Google's identity token of the user.
 * @param {!Object} body What to send.
 * @return {!Object} What the backend answered.
 */
function postJson_(url, identity, body) {
  let response;
  try {
    response = UrlFetchApp.fetch(url, {
      method: 'post',
      contentType: 'application/json',
      headers: {Authorization: 'Bearer ' + identity},
      payload: JSON.stringify(body),
      muteHttpExceptions: true,
      timeoutSeconds: FETCH_SECONDS_,
    });
  } catch (error) {
    console.error('The backend cannot be reached: ' + error.message);
    throw new Error(UNREACHABLE_);
  }
  const answer = parseJson_(response.getContentText());
  const status = response.getResponseCode();
  if (status >= 200 && status < 300 && answer) return answer;
  throw new Error((answer && answer.error && answer.error.message) || UNREACHABLE_);
}

/**
 * Parses JSON without throwing: a proxy in between may answer with a web page.
 * @param {string} text What came back.
 * @return {?Object} The object, or null.
 */
function parseJson_(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === 'object' ? value : null;
  } catch (error) {
    return null;
  }
}

/**
 * Joins the page's address and the session. The session travels in the fragment only,
 * so no server and no log ever sees it in an address.
 * @param {string} backend The backend's address.
 * @param {{session: string, sidebar_url: string}} session What the backend answered.
 * @return {string} The address for the frame.
 */
function sidebarAddress_(backend, session) {
  const page = String(session.sidebar_url || '');
  if (!session.session || originOf_(page) !== originOf_(backend)) {
    throw new Error(
        'The Callsheet backend gave an address that is not its own. Ask whoever runs it to ' +
        'compare its public address with the script property BACKEND_URL.');
  }
  return page.split('#')[0] + '#session=' + encodeURIComponent(session.session);
}

/**
 * Cuts an address down to scheme, host and port.
 * @param {string} url An address.
 * @return {string} Its origin, or an empty string.
 */
function originOf_(url) {
  const match = /^https?:\/\/[^\/?#\s]+/i.exec(url);
  return match ? match[0].toLowerCase() : '';
}
