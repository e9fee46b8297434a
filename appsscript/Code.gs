/**
 * @fileoverview The menu and the sidebar of the Callsheet add-on.
 *
 * Nothing at top level calls a Google service: when the add-on is installed but
 * not yet used in a file, such a call makes the whole menu disappear.
 * Functions ending in "_" cannot be called by the page in the sidebar.
 */

const SIDEBAR_TITLE_ = 'Callsheet';

/**
 * Builds the menu. Runs in every authorisation mode, so it only touches the menu.
 * @param {{authMode: *}=} event What Google tells about the opening.
 */
function onOpen(event) {
  SpreadsheetApp.getUi().createAddonMenu().addItem('Open sidebar', 'showSidebar').addToUi();
}

/**
 * Builds the menu right after installation, when the file is already open.
 * @param {{authMode: *}=} event What Google tells about the installation.
 */
function onInstall(event) {
  onOpen(event);
}

/**
 * Opens the sidebar on this spreadsheet, signed in as the person who clicked.
 */
function showSidebar() {
  const backend = backendUrl_();
  if (!backend) {
    const ui = SpreadsheetApp.getUi();
    ui.alert(
        'Callsheet is not set up yet',
        'Set the script property BACKEND_URL to the https address of your Callsheet ' +
            'backend (Project settings, Script properties), then open the sidebar again.',
        ui.ButtonSet.OK);
    return;
  }
  let frame = {address: '', problem: ''};
  try {
    frame.address = sidebarAddress_(backend, requestSession_(backend));
  } catch (error) {
    console.error('Callsheet could not open its sidebar: ' + error.message);
    frame.problem = error.message;
  }
  SpreadsheetApp.getUi().showSidebar(sidebarPage_(frame));
}

/**
 * Fills Sidebar.html.
 * @param {{address: string, problem: string}} frame Where the frame goes, or what is wrong.
 * @return {GoogleAppsScript.HTML.HtmlOutput} The page for the sidebar.
 */
function sidebarPage_(frame) {
  const template = HtmlService.createTemplateFromFile('Sidebar');
  template.address = frame.address;
  template.problem = frame.problem;
  return template.evaluate().setTitle(SIDEBAR_TITLE_);
}
