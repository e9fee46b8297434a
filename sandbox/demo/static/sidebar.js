/** The part of Google Sheets that runs Apps Script: menus, sidebar, alerts and google.script.run. */

import {send, toast} from './server.js';

// The attributes with which Google frames a sidebar, from its documentation.
const SANDBOX = 'allow-same-origin allow-forms allow-scripts allow-popups allow-downloads ' +
    'allow-modals allow-popups-to-escape-sandbox';

export class AppsScript {
  constructor({onActivateTab}) {
    this.onActivateTab = onActivateTab;
    this.framesOrigin = document.body.dataset.framesOrigin;
    this.severalAccounts = document.body.dataset.accounts === 'several';
    this.panel = document.getElementById('sidebar');
    this.menu = [];
    this.frame = null;
    document.getElementById('sidebar-close').addEventListener('click', () => this.close());
    window.addEventListener('message', (event) => this.onMessage(event));
  }

  /** Runs a function as a menu item does. */
  async runMenuItem(name) {
    try {
      await this.run(name, []);
    } catch (error) {
      toast(error.message);
    }
  }

  /** Opens the file: the add-on's onOpen builds the menu. */
  async open() {
    const {effects} = await send('/apps-script/open', {});
    this.apply(effects);
  }

  async run(name, args) {
    const answer = await send('/apps-script/run', {name, args});
    this.apply(answer.effects);
    if (!answer.ok) throw new Error(answer.error);
    return answer.value;
  }

  /** Does on the screen what the script asked for. */
  apply(effects) {
    for (const effect of effects) {
      if (effect.type === 'menu') this.menu = effect.items;
      if (effect.type === 'activateTab') this.onActivateTab(effect.tabId);
      if (effect.type === 'alert') this.alert(effect);
      if (effect.type === 'sidebar') this.showSidebar(effect);
    }
  }

  alert({title, text}) {
    document.getElementById('dialog-title').textContent = title;
    document.getElementById('dialog-text').textContent = text;
    document.getElementById('dialog').showModal();
  }

  showSidebar({title, page}) {
    const frame = document.createElement('iframe');
    frame.title = title;
    frame.setAttribute('sandbox', SANDBOX);
    frame.setAttribute('allow', 'clipboard-write');
    frame.src = this.framesOrigin + page;
    document.getElementById('sidebar-title').textContent = title;
    document.getElementById('sidebar-body').replaceChildren(frame);
    this.frame = frame;
    this.panel.hidden = false;
  }

  close() {
    this.panel.hidden = true;
    document.getElementById('sidebar-body').replaceChildren();
    this.frame = null;
  }

  async onMessage(event) {
    if (event.origin !== this.framesOrigin || !this.frame) return;
    if (event.source !== this.frame.contentWindow || event.data?.appsScript !== 1) return;
    const {id, name, args, host} = event.data;
    if (host === 'close') {
      this.close();
      return;
    }
    const source = event.source;
    let answer;
    try {
      if (this.severalAccounts) throw new Error('');
      answer = {appsScript: 1, id, ok: true, value: await this.run(name, args)};
    } catch (error) {
      answer = {appsScript: 1, id, ok: false, error: error.message};
    }
    source.postMessage(answer, event.origin);
  }
}
