/** What a person may do in the grid with mouse and keyboard. */

import {edit, read} from './server.js';
import {letters} from './sizes.js';

const EXACT_AFTER_MS = 150;

/** Lets the user select, type, and see header notes. */
export class Editing {
  constructor(grid, {onContextMenu}) {
    this.grid = grid;
    this.formula = document.getElementById('formula');
    this.nameBox = document.getElementById('name-box');
    this.note = document.getElementById('note');
    this.editor = null;
    // What stands in the selected cell behind its format: a formula, or the unrounded number.
    this.exact = null;
    this.exactTimer = 0;
    grid.onSelect = () => this.showSelected();
    grid.view.addEventListener('mousedown', (event) => this.onMouseDown(event));
    grid.view.addEventListener('dblclick', (event) => {
      const hit = grid.hit(event);
      if (hit && !hit.whole) this.open(this.raw());
    });
    grid.view.addEventListener('contextmenu', (event) => {
      event.preventDefault();
      const hit = grid.hit(event);
      if (hit) onContextMenu(event, hit);
    });
    grid.view.addEventListener('mousemove', (event) => this.hover(event));
    grid.view.addEventListener('mouseleave', () => { this.note.hidden = true; });
    grid.scroller.addEventListener('keydown', (event) => this.onKey(event));
    grid.scroller.addEventListener('scroll', () => { this.note.hidden = true; }, {passive: true});
    this.formula.addEventListener('keydown', (event) => this.onFormulaKey(event));
  }

  /** Fills the name box and the formula bar. */
  showSelected() {
    const {row, column, whole} = this.grid.selection;
    const name = {row: `${row + 1}:${row + 1}`, column: `${letters(column)}:${letters(column)}`};
    this.nameBox.textContent = whole ? name[whole] : letters(column) + (row + 1);
    if (document.activeElement !== this.formula) this.formula.value = this.raw();
    clearTimeout(this.exactTimer);
    if (!whole && this.grid.raw() && !this.isExact()) {
      this.exactTimer = setTimeout(() => this.askExact(), EXACT_AFTER_MS);
    }
  }

  /** The selected cell's contents as the user would edit them. */
  raw() {
    return this.isExact() ? this.exact.text : this.grid.raw();
  }

  isExact() {
    return this.exact !== null && this.exact.key === this.exactKey();
  }

  exactKey() {
    const {row, column} = this.grid.selection;
    return [this.grid.tab.id, row, column, this.grid.raw()].join(':');
  }

  async askExact() {
    const key = this.exactKey();
    const {row, column} = this.grid.selection;
    try {
      const {raw} = await read('/api/cell', {tab: this.grid.tab.id, row, column});
      if (raw === null || key !== this.exactKey()) return;
      this.exact = {key, text: raw};
      if (document.activeElement !== this.formula) this.formula.value = raw;
    } catch {
      // The text as shown stays in the formula bar.
    }
  }

  onMouseDown(event) {
    if (this.editor && event.target === this.editor) return;
    this.close(true);
    const hit = this.grid.hit(event);
    if (!hit) return;
    event.preventDefault();
    this.grid.scroller.focus({preventScroll: true});
    this.grid.select(hit.row, hit.column, hit.whole);
  }

  onKey(event) {
    if (event.target === this.editor || event.metaKey || event.ctrlKey || event.altKey) return;
    const {row, column} = this.grid.selection;
    const page = Math.floor(this.grid.scroller.clientHeight / 21) - 3;
    const moves = {
      ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1],
      Tab: [0, event.shiftKey ? -1 : 1], PageUp: [-page, 0], PageDown: [page, 0],
    };
    if (moves[event.key]) {
      this.grid.select(row + moves[event.key][0], column + moves[event.key][1]);
    } else if (event.key === 'Home') {
      this.grid.select(row, 0);
    } else if (event.key === 'Enter' || event.key === 'F2') {
      this.open(this.raw());
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      this.save('');
    } else if (event.key.length === 1) {
      this.open(event.key);
    } else {
      return;
    }
    event.preventDefault();
  }

  onFormulaKey(event) {
    if (event.key === 'Enter') this.save(this.formula.value);
    if (event.key === 'Enter' || event.key === 'Escape') {
      this.grid.scroller.focus({preventScroll: true});
      this.showSelected();
    }
  }

  /** Opens the editor on the selected cell. */
  open(text) {
    this.close(false);
    const {row, column, whole} = this.grid.selection;
    if (whole) return;
    const bounds = this.grid.bounds(row, column);
    const input = document.createElement('input');
    input.className = 'editor';
    input.value = text;
    input.setAttribute('aria-label', `Cell ${letters(column)}${row + 1}`);
    input.style.cssText = `left:${bounds.left - 2}px;top:${bounds.top - 2}px;` +
        `width:${Math.max(bounds.width + 3, text.length * 7 + 20)}px;height:${bounds.height + 3}px`;
    input.addEventListener('keydown', (event) => this.onEditorKey(event));
    input.addEventListener('input', () => { this.formula.value = input.value; });
    input.addEventListener('blur', () => this.close(true));
    this.editor = input;
    this.grid.view.append(input);
    input.focus();
    input.setSelectionRange(text.length, text.length);
  }

  onEditorKey(event) {
    const {row, column} = this.grid.selection;
    event.stopPropagation();
    if (event.key === 'Escape') {
      this.close(false);
    } else if (event.key === 'Enter' || event.key === 'Tab') {
      event.preventDefault();
      this.close(true);
      const back = event.shiftKey ? -1 : 1;
      this.grid.select(row + (event.key === 'Enter' ? back : 0), column + (event.key === 'Tab' ? back : 0));
    } else {
      return;
    }
    this.grid.scroller.focus({preventScroll: true});
  }

  /** Takes the editor away, with or without what was typed. */
  close(keep) {
    const {editor} = this;
    if (!editor) return;
    this.editor = null;
    editor.remove();
    if (keep) this.save(editor.value);
    this.showSelected();
  }

  save(text) {
    const {tab, selection} = this.grid;
    if (text === this.raw()) return;
    this.grid.cells.preview(selection.row, selection.column, text);
    this.grid.schedule();
    edit('cell', {tab: tab.id, row: selection.row, column: selection.column, text});
  }

  /** Shows the note of the cell under the pointer. */
  hover(event) {
    const hit = this.grid.hit(event);
    const cell = hit && !hit.whole ? this.grid.cell(hit.row, hit.column) : null;
    const text = cell && typeof cell === 'object' ? cell.n : '';
    this.note.hidden = !text;
    if (!text) return;
    const bounds = this.grid.bounds(hit.row, hit.column);
    const view = this.grid.view.getBoundingClientRect();
    this.note.textContent = text;
    this.note.style.left = `${Math.min(view.left + bounds.left + bounds.width + 2, window.innerWidth - 310)}px`;
    this.note.style.top = `${view.top + bounds.top}px`;
  }
}
