/** The demo page: a spreadsheet that shows what the Google stand-in holds, and the add-on's sidebar. */

import {Editing} from './editing.js';
import {Grid} from './grid.js';
import {menuButton, openMenu} from './menus.js';
import {edit, read, send, toast} from './server.js';
import {AppsScript} from './sidebar.js';
import {Tabs} from './tabs.js';

const POLL_MS = 600;
const HIDDEN_POLL_MS = 4000;

const grid = new Grid(
    document.getElementById('scroller'), document.getElementById('view'), document.getElementById('sizer'));
const tabs = new Tabs(document.getElementById('tabs'), {onActivate: activate});
const script = new AppsScript({onActivateTab: activate});
const editing = new Editing(grid, {onContextMenu: cellMenu});
let book = null;
let spreadsheetId = null;
let activeId = Number(new URLSearchParams(location.hash.slice(1)).get('gid')) || 0;

/** Brings a tab to the front, now or as soon as it is known. */
function activate(tabId) {
  activeId = tabId;
  history.replaceState(null, '', `#gid=${tabId}`);
  editing.close(true);
  if (book && book.tabs.some((tab) => tab.id === tabId)) show(); else poll(true);
}

/** Draws the book as last read. */
function show() {
  const visible = book.tabs.filter((tab) => !tab.hidden);
  const active = visible.find((tab) => tab.id === activeId) || visible[0];
  activeId = active.id;
  document.getElementById('title').textContent = book.title;
  tabs.show(visible, activeId);
  grid.show(active, book.revision);
  editing.showSelected();
  const used = Math.max(0, active.used - active.frozenRows);
  document.getElementById('count').textContent =
      used ? `${used.toLocaleString('en')} ${used === 1 ? 'row' : 'rows'}` : '';
}

/** Reads the book when its revision moved on. */
async function poll(always = false) {
  const {revision, id} = await read('/api/revision');
  if (spreadsheetId && id !== spreadsheetId) location.reload();
  spreadsheetId = id;
  if (!always && book && revision === book.revision) return;
  book = await read('/api/book');
  show();
}

async function pollForever() {
  let failures = 0;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? HIDDEN_POLL_MS : POLL_MS));
    try {
      await poll();
      grid.tick();
      failures = 0;
    } catch {
      failures += 1;
      if (failures === 5) toast('The demo no longer answers. Start it again with make demo.');
    }
  }
}

/** What can be done with the row and the column of the selection. */
const doing = {
  sort: (descending) => edit('sort', {tab: activeId, column: grid.selection.column, descending}),
  insertRow: () => edit('insertRow', {tab: activeId, row: grid.selection.row}),
  deleteRow: () => edit('deleteRow', {tab: activeId, row: grid.selection.row}),
  insertColumn: (by) => edit('insertColumn', {tab: activeId, column: grid.selection.column + by}),
  deleteColumn: () => edit('deleteColumn', {tab: activeId, column: grid.selection.column}),
};
const rowItems = () => [
  {label: 'Insert 1 row above', run: doing.insertRow},
  {label: 'Delete row', run: doing.deleteRow},
];
const columnItems = () => [
  {label: 'Insert 1 column left', run: () => doing.insertColumn(0)},
  {label: 'Insert 1 column right', run: () => doing.insertColumn(1)},
  {label: 'Delete column', run: doing.deleteColumn},
];
const sortItems = () => [
  {label: 'Sort sheet A to Z', run: () => doing.sort(false)},
  {label: 'Sort sheet Z to A', run: () => doing.sort(true)},
];

function cellMenu(event, hit) {
  grid.select(hit.row, hit.column, hit.whole);
  const items = {row: rowItems(), column: [...columnItems(), null, ...sortItems()]};
  openMenu(items[hit.whole] || [...rowItems(), null, ...columnItems(), null, ...sortItems()],
      event.clientX, event.clientY);
}

function extensionItems() {
  return [
    {group: 'Callsheet'},
    ...script.menu.map((item) => item.separator ? null :
        {label: item.label, nested: true, run: () => script.runMenuItem(item.functionName)}),
  ];
}

/** Things that happen outside the spreadsheet, for a visitor to try. */
async function scenarioItems() {
  const {scenarios} = await read('/api/scenarios');
  return scenarios;
}

async function play(name) {
  try {
    toast((await send('/api/scenarios', {name})).said);
  } catch (error) {
    toast(error.message);
  }
}

async function buildMenus() {
  const scenarios = await scenarioItems();
  const bar = document.getElementById('menus');
  bar.replaceChildren(
      menuButton('Edit', rowItems),
      menuButton('Insert', () => [{label: 'Tab', run: () => edit('addTab', {})}, null, rowItems()[0], ...columnItems().slice(0, 2)]),
      menuButton('Data', sortItems),
      menuButton('Extensions', extensionItems),
      menuButton('Try it out', () => scenarios.map((one) => ({label: one.label, run: () => play(one.name)}))),
  );
}

document.getElementById('add-tab').addEventListener('click', () => edit('addTab', {}));
await Promise.all([poll(), script.open(), buildMenus()]);
pollForever();
await script.runMenuItem('showSidebar');
document.body.dataset.ready = 'true';
