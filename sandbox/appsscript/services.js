// The part of Apps Script's services that appsscript/ uses, as a thin shell over one host function.
//
// `hostCall(name, json)` is given by runtime.py: it always answers {"value": …} or {"error": "…"}.
// An execution begins with a fresh copy of all of this, as in Apps Script.
'use strict';

var AUTH_MODE_NOW = 'FULL';

function askHost(name, ...args) {
  const answer = JSON.parse(hostCall(name, JSON.stringify(args)));
  if (answer.error !== undefined) throw new Error(answer.error);
  return answer.value;
}

// What each mode forbids: NONE knows no document and no properties; only FULL may fetch or open a sidebar.
function requireMode(what, ...modes) {
  if (!modes.includes(AUTH_MODE_NOW)) {
    throw new Error('You do not have permission to call ' + what);
  }
}

var console = {
  log: (...parts) => askHost('log', 'info', parts.join(' ')),
  info: (...parts) => askHost('log', 'info', parts.join(' ')),
  warn: (...parts) => askHost('log', 'warning', parts.join(' ')),
  error: (...parts) => askHost('log', 'error', parts.join(' ')),
};

class SheetStandIn {
  constructor(properties) {
    this.properties = properties;
  }
  getSheetId() {
    return this.properties.sheetId;
  }
  getName() {
    return this.properties.title;
  }
  activate() {
    askHost('effect', {type: 'activateTab', tabId: this.properties.sheetId});
    return this;
  }
}

class DeveloperMetadataStandIn {
  constructor(found) {
    this.found = found;
  }
  getId() {
    return this.found.metadataId;
  }
  getKey() {
    return this.found.metadataKey;
  }
  getValue() {
    return this.found.metadataValue;
  }
  remove() {
    askHost('removeMetadata', this.found.metadataId);
  }
}

class MetadataFinderStandIn {
  constructor() {
    this.lookup = {};
  }
  withKey(key) {
    this.lookup.metadataKey = key;
    return this;
  }
  withLocationType(type) {
    this.lookup.locationType = type;
    return this;
  }
  find() {
    return askHost('findMetadata', this.lookup).map((one) => new DeveloperMetadataStandIn(one));
  }
}

class SpreadsheetStandIn {
  // Read once per execution, as the real service caches.
  read() {
    this.resource = this.resource || askHost('spreadsheet');
    return this.resource;
  }
  getId() {
    return askHost('spreadsheetId');
  }
  getName() {
    return this.read().properties.title;
  }
  getSpreadsheetTimeZone() {
    return this.read().properties.timeZone;
  }
  getSpreadsheetLocale() {
    return this.read().properties.locale;
  }
  getSheets() {
    return this.read().sheets.map((one) => new SheetStandIn({sheetId: 0, ...one.properties}));
  }
  getSheetById(id) {
    return this.getSheets().find((one) => one.getSheetId() === id) || null;
  }
  addEditor(email) {
    askHost('addEditor', email);
    return this;
  }
  addDeveloperMetadata(key, value, visibility) {
    askHost('addMetadata', key, value, visibility);
    return this;
  }
  createDeveloperMetadataFinder() {
    return new MetadataFinderStandIn();
  }
}

class MenuStandIn {
  constructor(name) {
    this.menu = {type: 'menu', name: name, items: []};
  }
  addItem(label, functionName) {
    this.menu.items.push({label: label, functionName: functionName});
    return this;
  }
  addSeparator() {
    this.menu.items.push({separator: true});
    return this;
  }
  addToUi() {
    askHost('effect', this.menu);
  }
}

class UiStandIn {
  constructor() {
    this.ButtonSet = {OK: 'OK', OK_CANCEL: 'OK_CANCEL', YES_NO: 'YES_NO'};
    this.Button = {OK: 'OK', CANCEL: 'CANCEL', CLOSE: 'CLOSE'};
  }
  createMenu(name) {
    return new MenuStandIn(name);
  }
  createAddonMenu() {
    return new MenuStandIn(null);
  }
  alert(...parts) {
    requireMode('Ui.alert', 'FULL', 'LIMITED');
    const texts = parts.length > 1 ? parts : ['', parts[0]];
    askHost('effect', {type: 'alert', title: String(texts[0]), text: String(texts[1])});
    return this.Button.OK;
  }
  showSidebar(output) {
    requireMode('Ui.showSidebar', 'FULL');
    askHost('effect', {type: 'sidebar', title: output.getTitle(), html: output.getContent()});
  }
}

var SpreadsheetApp = {
  DeveloperMetadataVisibility: {DOCUMENT: 'DOCUMENT', PROJECT: 'PROJECT'},
  DeveloperMetadataLocationType: {
    SPREADSHEET: 'SPREADSHEET', SHEET: 'SHEET', ROW: 'ROW', COLUMN: 'COLUMN',
  },
  getActive() {
    requireMode('SpreadsheetApp.getActive', 'FULL', 'LIMITED');
    return new SpreadsheetStandIn();
  },
  getActiveSpreadsheet() {
    return SpreadsheetApp.getActive();
  },
  getUi() {
    return new UiStandIn();
  },
};

var ScriptApp = {
  AuthMode: {NONE: 'NONE', LIMITED: 'LIMITED', FULL: 'FULL'},
  getIdentityToken() {
    requireMode('ScriptApp.getIdentityToken', 'FULL');
    return askHost('identityToken');
  },
};

var Session = {
  getActiveUser() {
    requireMode('Session.getActiveUser', 'FULL', 'LIMITED');
    return {getEmail: () => askHost('userEmail')};
  },
};

var PropertiesService = {
  getScriptProperties() {
    requireMode('PropertiesService.getScriptProperties', 'FULL', 'LIMITED');
    return {getProperty: (key) => askHost('scriptProperty', key)};
  },
};

class HttpResponseStandIn {
  constructor(answer) {
    this.answer = answer;
  }
  getResponseCode() {
    return this.answer.status;
  }
  getContentText() {
    return this.answer.text;
  }
  getHeaders() {
    return this.answer.headers;
  }
}

var UrlFetchApp = {
  fetch(url, params = {}) {
    requireMode('UrlFetchApp.fetch', 'FULL');
    const answer = askHost('fetch', url, params);
    if (!params.muteHttpExceptions && answer.status >= 400) {
      throw new Error(
          'Request failed for ' + url + ' returned code ' + answer.status +
          '. Truncated server response: ' + answer.text.slice(0, 100));
    }
    return new HttpResponseStandIn(answer);
  },
};

// One execution: the runtime calls this with JSON and gets JSON, never objects of the engine.
function runFunction(name, argsJson) {
  const value = globalThis[name](...JSON.parse(argsJson));
  refuseUnsupported(value);
  return JSON.stringify(value === undefined ? null : value);
}

function refuseUnsupported(value) {
  if (typeof value === 'function' || value instanceof Date) {
    throw new Error('The script completed but the returned value is not a supported return type.');
  }
  if (value && typeof value === 'object') Object.values(value).forEach(refuseUnsupported);
}
