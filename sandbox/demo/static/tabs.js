/** The tabs at the foot of the spreadsheet. */

import {edit} from './server.js';
import {openMenu} from './menus.js';

export class Tabs {
  constructor(element, {onActivate}) {
    this.element = element;
    this.onActivate = onActivate;
    this.known = null;
  }

  /** Draws the tabs again when anything about them changed. */
  show(tabs, activeId) {
    const key = JSON.stringify([tabs.map((tab) => [tab.id, tab.title, tab.color]), activeId]);
    if (key === this.key || this.element.querySelector('input')) return;
    this.key = key;
    const before = this.known;
    this.known = new Set(tabs.map((tab) => tab.id));
    this.element.replaceChildren(...tabs.map((tab) => {
      const button = this.draw(tab, tab.id === activeId);
      if (before && !before.has(tab.id)) button.classList.add('arrived');
      return button;
    }));
    this.element.querySelector('[aria-selected="true"]')?.scrollIntoView({inline: 'nearest', block: 'nearest'});
  }

  draw(tab, active) {
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'tab';
    button.setAttribute('role', 'tab');
    button.setAttribute('aria-selected', String(active));
    button.dataset.tab = tab.id;
    button.textContent = tab.title;
    if (tab.color) {
      const stripe = document.createElement('span');
      stripe.className = 'stripe';
      stripe.style.background = tab.color;
      button.append(stripe);
    }
    button.addEventListener('click', () => this.onActivate(tab.id));
    button.addEventListener('dblclick', () => this.rename(button, tab));
    button.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      openMenu([
        {label: 'Rename', run: () => this.rename(button, tab)},
        {label: 'Delete', run: () => edit('deleteTab', {tab: tab.id})},
      ], event.clientX, event.clientY);
    });
    return button;
  }

  rename(button, tab) {
    const current = this.element.querySelector(`[data-tab="${tab.id}"]`) || button;
    const input = document.createElement('input');
    input.value = tab.title;
    input.setAttribute('aria-label', 'Name of the tab');
    let done = false;
    const finish = (keep) => {
      if (done) return;
      done = true;
      const title = input.value.trim();
      this.key = '';
      current.replaceChildren(keep && title ? title : tab.title);
      if (keep && title && title !== tab.title) edit('renameTab', {tab: tab.id, title});
    };
    input.addEventListener('keydown', (event) => {
      event.stopPropagation();
      if (event.key === 'Enter') finish(true);
      if (event.key === 'Escape') finish(false);
    });
    input.addEventListener('blur', () => finish(true));
    current.replaceChildren(input);
    input.focus();
    input.select();
  }
}
