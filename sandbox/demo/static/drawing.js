/** Draws one row of cells, as elements of the page. */

import {textOf} from './cells.js';
import {lookOf} from './looks.js';

const RUNS_OVER_AT_MOST = 12;
const CELL_FONT = '13px Arial, Helvetica, sans-serif';
const PADDING = 7;
const ruler = document.createElement('canvas').getContext('2d');

/** How wide a text is in a cell. */
function widthOf(text, css) {
  ruler.font = `${/bold/.test(css) ? 'bold ' : ''}${CELL_FONT}`;
  return ruler.measureText(text).width + PADDING;
}

/** Puts an element where it belongs. */
export function place(element, left, top, width, height) {
  element.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
}

/** News glow for a moment; drawn again in between, they go on where they were. */
function glow(element, className, age) {
  if (age === null) return;
  element.classList.add(className);
  element.style.animationDelay = `${-age}ms`;
}

/** A row of the grid with its filled cells between two columns. */
export function drawRow(grid, row, firstColumn, lastColumn) {
  const {cells, rowSizes, columnSizes} = grid;
  const element = document.createElement('div');
  element.className = 'row';
  element.setAttribute('role', 'row');
  place(element, 0, rowSizes.start(row), columnSizes.total, rowSizes.size(row));
  glow(element, 'fresh', cells.age(cells.fresh, row));
  const values = cells.row(row) || [];
  for (let column = firstDrawn(values, firstColumn); column <= lastColumn; column += 1) {
    const cell = values[column];
    if (cell !== null && cell !== undefined) element.append(drawCell(grid, values, row, column));
  }
  return element;
}

/** Text may run over from the left of what is visible. */
function firstDrawn(values, firstColumn) {
  let column = firstColumn;
  while (column > 0 && !textOf(values[column]) && firstColumn - column < RUNS_OVER_AT_MOST) column -= 1;
  return column;
}

/** Where the text of a cell ends: it may run over empty neighbours. */
function lastCovered(grid, values, column, css) {
  const {columnSizes, tab} = grid;
  const needed = widthOf(textOf(values[column]), css);
  let end = column + 1;
  while (end < tab.columns && end - column < RUNS_OVER_AT_MOST && !textOf(values[end]) &&
      columnSizes.start(end) - columnSizes.start(column) < needed) end += 1;
  return end;
}

function drawCell(grid, values, row, column) {
  const {cells, columnSizes} = grid;
  const cell = values[column];
  const style = cells.style(row, cell) || {};
  const align = style.align || (typeof cell === 'object' && cell.a) || '';
  const element = document.createElement('div');
  element.className = ['cell', align, style.vertical || ''].join(' ').trimEnd();
  element.setAttribute('role', 'gridcell');
  let end = column + 1;
  if (style.wrap === 'wrap') {
    element.classList.add('wrap');
  } else if (style.wrap === 'clip' || (align && align !== 'left') || !textOf(cell)) {
    element.classList.add('clip');
  } else {
    end = lastCovered(grid, values, column, style.css);
    if (end > column + 1) element.classList.add('over');
  }
  const left = columnSizes.start(column);
  element.style.cssText = (style.css || '') + lookOf(grid.rules, row, column);
  element.style.left = `${left}px`;
  element.style.width = `${columnSizes.start(end) - left}px`;
  if (cell.n) element.classList.add('noted');
  glow(element, 'changed', cells.age(cells.changed, `${row}:${column}`));
  const text = document.createElement('span');
  text.textContent = textOf(cell);
  element.append(text);
  return element;
}
