/** The letters above the columns and the numbers beside the rows. */

import {place} from './drawing.js';
import {letters} from './sizes.js';

export const NUMBERS_WIDTH = 46;
export const LETTERS_HEIGHT = 25;

/** Draws both heads, each in its frozen and its scrolling part. */
export function paintHeads(grid, now) {
  for (const frozen of [0, 1]) {
    paintLetters(grid, now, frozen);
    paintNumbers(grid, now, frozen);
  }
  place(grid.corner, 0, 0, NUMBERS_WIDTH, LETTERS_HEIGHT);
}

function paintLetters(grid, now, frozen) {
  const head = grid.letterHeads[frozen];
  const left = NUMBERS_WIDTH + (frozen ? 0 : now.frozenWidth);
  const dx = frozen ? 0 : now.left + now.frozenWidth;
  place(head, left, 0, frozen ? now.frozenWidth : now.width - left, LETTERS_HEIGHT);
  fill(head, now.columns[frozen], (column) => {
    const element = mark('letter', letters(column), stateOf(grid.selection, 'column', column));
    element.style.left = `${grid.columnSizes.start(column) - dx}px`;
    element.style.width = `${grid.columnSizes.size(column)}px`;
    return element;
  });
}

function paintNumbers(grid, now, frozen) {
  const head = grid.numberHeads[frozen];
  const top = LETTERS_HEIGHT + (frozen ? 0 : now.frozenHeight);
  const dy = frozen ? 0 : now.top + now.frozenHeight;
  place(head, 0, top, NUMBERS_WIDTH, frozen ? now.frozenHeight : now.height - top);
  fill(head, now.rows[frozen], (row) => {
    const element = mark('number', row + 1, stateOf(grid.selection, 'row', row));
    element.style.top = `${grid.rowSizes.start(row) - dy}px`;
    element.style.height = `${grid.rowSizes.size(row)}px`;
    return element;
  });
}

/** A row or column is wholly selected, touched by the selection, or neither. */
function stateOf(selection, kind, index) {
  if (selection.whole === kind) return selection[kind] === index ? ' whole' : '';
  return selection.whole || selection[kind] === index ? ' on' : '';
}

function mark(kind, text, state) {
  const element = document.createElement('div');
  element.className = kind + state;
  element.textContent = text;
  return element;
}

function fill(head, [first, last], draw) {
  const parts = [];
  for (let index = first; index <= last; index += 1) parts.push(draw(index));
  head.replaceChildren(...parts);
}
