/** Draws the visible part of a tab, however large the tab is. */

import {Sizes} from './sizes.js';
import {Cells, textOf} from './cells.js';
import {drawRow, place} from './drawing.js';
import {holding} from './looks.js';
import {LETTERS_HEIGHT, NUMBERS_WIDTH, paintHeads} from './heads.js';

const ROW_HEIGHT = 21;
const COLUMN_WIDTH = 100;

function box(className, parent) {
  const element = document.createElement('div');
  element.className = className;
  parent.append(element);
  return element;
}

/** One of the four parts of the grid: frozen or scrolling, in each direction. */
class Pane {
  constructor(view, frozenRows, frozenColumns) {
    const frozen = (frozenRows ? ' frozen-rows' : '') + (frozenColumns ? ' frozen-columns' : '');
    this.element = box('pane' + frozen, view);
    this.shift = box('shift', this.element);
    this.rows = new Map();
    this.lines = [];
  }

  clear() {
    this.shift.replaceChildren();
    this.rows.clear();
    this.linesKey = '';
  }
}

export class Grid {
  constructor(scroller, view, sizer) {
    Object.assign(this, {scroller, view, sizer});
    this.panes = [[new Pane(view, false, false), new Pane(view, false, true)],
      [new Pane(view, true, false), new Pane(view, true, true)]];
    this.letterHeads = [box('head letters', view), box('head letters', view)];
    this.numberHeads = [box('head numbers', view), box('head numbers', view)];
    this.corner = box('corner', view);
    this.edgeRow = box('edge-row', view);
    this.edgeColumn = box('edge-column', view);
    this.blank = box('blank', view);
    this.selectedBoxes = this.panes.flat().map((pane) => box('selected', pane.element));
    this.selection = {row: 0, column: 0, whole: null};
    this.onSelect = () => {};
    this.memory = new Map();
    this.rules = [];
    this.pending = 0;
    scroller.addEventListener('scroll', () => this.schedule(), {passive: true});
    new ResizeObserver(() => this.schedule()).observe(scroller);
  }

  /** Shows a tab; scroll position and selection of each tab are kept. */
  show(tab, revision) {
    if (this.tab && this.tab.id !== tab.id) this.leave();
    const arriving = !this.tab || this.tab.id !== tab.id;
    const key = JSON.stringify([tab.rows, tab.columns, tab.rowSizes, tab.columnSizes]);
    this.tab = tab;
    const kept = this.memory.get(tab.id);
    if (arriving) {
      this.cells = kept ? kept.cells : new Cells(tab.id, () => this.schedule());
      this.selection = kept ? kept.selection : {row: 0, column: 0, whole: null};
      this.panes.flat().forEach((pane) => pane.clear());
      this.layoutKey = '';
    }
    if (key !== this.layoutKey) {
      this.layoutKey = key;
      this.rowSizes = new Sizes(tab.rows, ROW_HEIGHT, tab.rowSizes);
      this.columnSizes = new Sizes(tab.columns, COLUMN_WIDTH, tab.columnSizes);
      this.panes.flat().forEach((pane) => pane.clear());
      this.selection.row = Math.min(this.selection.row, tab.rows - 1);
      this.selection.column = Math.min(this.selection.column, tab.columns - 1);
    }
    this.cells.moveTo(revision);
    // A spare screen below and to the right, so that the last cells are easy to reach.
    this.sizer.style.width = `${NUMBERS_WIDTH + this.columnSizes.total + 60}px`;
    this.sizer.style.height = `${LETTERS_HEIGHT + this.rowSizes.total + 60}px`;
    if (arriving) this.scroller.scrollTo(kept ? kept.left : 0, kept ? kept.top : 0);
    this.paint();
    if (arriving) this.onSelect();
  }

  leave() {
    this.memory.set(this.tab.id, {
      cells: this.cells,
      selection: this.selection,
      left: this.scroller.scrollLeft,
      top: this.scroller.scrollTop,
    });
  }

  schedule() {
    if (this.pending || !this.tab) return;
    this.pending = requestAnimationFrame(() => {
      this.pending = 0;
      this.paint();
    });
  }

  /** Draws again when a rule has begun to hold, or holds no longer. */
  tick() {
    if (this.tab && holding(this.tab).length !== this.rules.length) this.schedule();
  }

  /** What lies where on the screen right now. */
  measure() {
    const {scroller, tab, rowSizes, columnSizes} = this;
    const frozenHeight = rowSizes.start(tab.frozenRows);
    const frozenWidth = columnSizes.start(tab.frozenColumns);
    const width = scroller.clientWidth;
    const height = scroller.clientHeight;
    const left = Math.min(scroller.scrollLeft, Math.max(0, columnSizes.total + 60 + NUMBERS_WIDTH - width));
    const top = Math.min(scroller.scrollTop, Math.max(0, rowSizes.total + 60 + LETTERS_HEIGHT - height));
    const firstRow = rowSizes.at(top + frozenHeight);
    const lastRow = rowSizes.at(top + height - LETTERS_HEIGHT);
    const firstColumn = columnSizes.at(left + frozenWidth);
    const lastColumn = columnSizes.at(left + width - NUMBERS_WIDTH);
    return {
      width, height, left, top, frozenHeight, frozenWidth,
      rows: [[Math.max(firstRow, tab.frozenRows), lastRow], [0, tab.frozenRows - 1]],
      columns: [[Math.max(firstColumn, tab.frozenColumns), lastColumn], [0, tab.frozenColumns - 1]],
    };
  }

  paint() {
    const now = this.measure();
    this.rules = holding(this.tab);
    this.view.style.width = `${now.width}px`;
    this.view.style.height = `${now.height}px`;
    if (this.tab.frozenRows) this.cells.want(...now.rows[1]);
    this.cells.want(...now.rows[0]);
    paintHeads(this, now);
    for (const frozenRows of [0, 1]) {
      for (const frozenColumns of [0, 1]) {
        this.paintPane(this.panes[frozenRows][frozenColumns], now, frozenRows, frozenColumns);
      }
    }
    this.paintEdges(now);
    this.paintSelection(now);
  }

  paintPane(pane, now, frozenRows, frozenColumns) {
    const [firstRow, lastRow] = now.rows[frozenRows];
    const [firstColumn, lastColumn] = now.columns[frozenColumns];
    const left = NUMBERS_WIDTH + (frozenColumns ? 0 : now.frozenWidth);
    const top = LETTERS_HEIGHT + (frozenRows ? 0 : now.frozenHeight);
    const width = frozenColumns ? now.frozenWidth : Math.max(0, now.width - left);
    const height = frozenRows ? now.frozenHeight : Math.max(0, now.height - top);
    pane.element.hidden = lastRow < firstRow || lastColumn < firstColumn || !width || !height;
    if (pane.element.hidden) return;
    place(pane.element, left, top, width, height);
    const dx = frozenColumns ? 0 : now.left + now.frozenWidth;
    const dy = frozenRows ? 0 : now.top + now.frozenHeight;
    pane.shift.style.transform = `translate(${-dx}px, ${-dy}px)`;
    this.paintLines(pane, firstColumn, lastColumn, firstRow, lastRow);
    for (const [row, drawn] of pane.rows) {
      if (row < firstRow || row > lastRow) {
        drawn.element.remove();
        pane.rows.delete(row);
      }
    }
    for (let row = firstRow; row <= lastRow; row += 1) this.paintRow(pane, row, firstColumn, lastColumn);
  }

  paintLines(pane, firstColumn, lastColumn, firstRow, lastRow) {
    const top = this.rowSizes.start(firstRow);
    const height = this.rowSizes.start(lastRow + 1) - top;
    const key = `${firstColumn}:${lastColumn}:${top}:${height}`;
    if (pane.linesKey === key) return;
    pane.linesKey = key;
    pane.lines.forEach((line) => line.remove());
    pane.lines = [];
    for (let column = firstColumn; column <= lastColumn; column += 1) {
      const line = document.createElement('div');
      line.className = 'vline';
      place(line, this.columnSizes.start(column + 1) - 1, top, 1, height);
      pane.shift.prepend(line);
      pane.lines.push(line);
    }
  }

  paintRow(pane, row, firstColumn, lastColumn) {
    const looks = this.rules.map((rule) => rule.css + rule.areas).join(';');
    const key = `${this.cells.version(row)}:${firstColumn}:${lastColumn}:${looks}`;
    let drawn = pane.rows.get(row);
    if (drawn && drawn.key === key) return;
    const element = drawRow(this, row, firstColumn, lastColumn);
    if (drawn) drawn.element.replaceWith(element); else pane.shift.append(element);
    pane.rows.set(row, {element, key});
  }

  paintEdges(now) {
    this.edgeRow.hidden = !this.tab.frozenRows;
    place(this.edgeRow, 0, LETTERS_HEIGHT + now.frozenHeight - 1, now.width, 3);
    this.edgeColumn.hidden = !this.tab.frozenColumns;
    place(this.edgeColumn, NUMBERS_WIDTH + now.frozenWidth - 1, 0, 3, now.height);
    if (this.edgeRow.hidden) this.edgeRow.style.display = 'none';
    if (this.edgeColumn.hidden) this.edgeColumn.style.display = 'none';
  }

  /** The selection's rectangle in the coordinates of the sheet. */
  selectedRectangle() {
    const {row, column, whole} = this.selection;
    const left = whole === 'row' ? 0 : this.columnSizes.start(column);
    const top = whole === 'column' ? 0 : this.rowSizes.start(row);
    return {
      left, top,
      width: whole === 'row' ? this.columnSizes.total : this.columnSizes.size(column),
      height: whole === 'column' ? this.rowSizes.total : this.rowSizes.size(row),
    };
  }

  paintSelection(now) {
    const {left, top, width, height} = this.selectedRectangle();
    this.selectedBoxes.forEach((mark, index) => {
      const dx = index % 2 ? 0 : now.left + now.frozenWidth;
      const dy = index >= 2 ? 0 : now.top + now.frozenHeight;
      mark.className = 'selected' + (this.selection.whole ? ' whole' : '');
      place(mark, left - dx - 1, top - dy - 1, width + 1, height + 1);
    });
  }

  /** Which cell, row or column is under the pointer. */
  hit(event) {
    const bounds = this.view.getBoundingClientRect();
    const now = this.measure();
    const x = event.clientX - bounds.left - NUMBERS_WIDTH;
    const y = event.clientY - bounds.top - LETTERS_HEIGHT;
    if (x >= now.width - NUMBERS_WIDTH || y >= now.height - LETTERS_HEIGHT) return null;
    const column = this.columnSizes.at(x < now.frozenWidth ? Math.max(x, 0) : x + now.left);
    const row = this.rowSizes.at(y < now.frozenHeight ? Math.max(y, 0) : y + now.top);
    const whole = x < 0 && y < 0 ? null : x < 0 ? 'row' : y < 0 ? 'column' : null;
    return {row, column, whole};
  }

  select(row, column, whole = null) {
    this.selection = {
      row: Math.max(0, Math.min(row, this.tab.rows - 1)),
      column: Math.max(0, Math.min(column, this.tab.columns - 1)),
      whole,
    };
    if (!whole) this.reveal();
    this.paint();
    this.onSelect();
  }

  /** Scrolls as little as needed to show the selected cell. */
  reveal() {
    const now = this.measure();
    const {row, column} = this.selection;
    const {scroller} = this;
    if (row >= this.tab.frozenRows) {
      const top = this.rowSizes.start(row);
      const room = now.height - LETTERS_HEIGHT;
      if (top < now.top + now.frozenHeight) scroller.scrollTop = top - now.frozenHeight;
      else if (top + ROW_HEIGHT > now.top + room) scroller.scrollTop = top + ROW_HEIGHT - room;
    }
    if (column >= this.tab.frozenColumns) {
      const left = this.columnSizes.start(column);
      const end = left + this.columnSizes.size(column);
      const room = now.width - NUMBERS_WIDTH;
      if (left < now.left + now.frozenWidth) scroller.scrollLeft = left - now.frozenWidth;
      else if (end > now.left + room) scroller.scrollLeft = end - room;
    }
  }

  /** Where a cell is drawn, for the editor and for notes. */
  bounds(row, column) {
    const now = this.measure();
    const dx = column < this.tab.frozenColumns ? 0 : now.left;
    const dy = row < this.tab.frozenRows ? 0 : now.top;
    return {
      left: NUMBERS_WIDTH + this.columnSizes.start(column) - dx,
      top: LETTERS_HEIGHT + this.rowSizes.start(row) - dy,
      width: this.columnSizes.size(column),
      height: this.rowSizes.size(row),
    };
  }

  /** The selected cell's text as shown. */
  raw() {
    return textOf((this.cells.row(this.selection.row) || [])[this.selection.column]);
  }

  cell(row, column) {
    return (this.cells.row(row) || [])[column];
  }
}
