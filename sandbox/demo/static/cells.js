/** The cells of one tab, fetched in blocks of rows and kept until they change. */

import {read} from './server.js';

const BLOCK = 100;
const KEPT_BLOCKS = 80;
const CHANGE_SHOWN_MS = 2800;

/** What a cell shows, whichever of its forms the server sent. */
export function textOf(cell) {
  if (cell === null || cell === undefined) return '';
  return typeof cell === 'string' ? cell : cell.t;
}

export class Cells {
  /**
   * @param {number} tabId Whose cells.
   * @param {function()} repaint Called when something visible may have changed.
   */
  constructor(tabId, repaint) {
    this.tabId = tabId;
    this.repaint = repaint;
    this.revision = 0;
    this.blocks = new Map();
    this.loading = new Set();
    // Rows are recognised by their first cell, so that sorting does not look like new rows.
    this.known = new Map();
    this.fresh = new Map();
    this.changed = new Map();
  }

  /** Marks everything as possibly old; what is visible is fetched again at the next paint. */
  moveTo(revision) {
    this.revision = revision;
  }

  row(index) {
    const block = this.blocks.get(Math.floor(index / BLOCK));
    return block ? block.rows[index % BLOCK] || [] : null;
  }

  style(index, cell) {
    const block = this.blocks.get(Math.floor(index / BLOCK));
    return block && cell && cell.s !== undefined ? block.styles[cell.s] : null;
  }

  /** Changes whenever a row must be drawn again. */
  version(index) {
    const block = this.blocks.get(Math.floor(index / BLOCK));
    return block ? block.version : 0;
  }

  /** Puts a value in at once, before the server has confirmed it. */
  preview(row, column, text) {
    const block = this.blocks.get(Math.floor(row / BLOCK));
    if (!block) return;
    const cells = block.rows[row % BLOCK] || (block.rows[row % BLOCK] = []);
    const old = cells[column];
    cells[column] = old && typeof old === 'object' ? {...old, t: text} : text;
    this.learn(cells);
    block.version += 1;
  }

  /** Fetches the blocks between two rows where they are missing or old. */
  want(first, last) {
    for (let number = Math.floor(first / BLOCK); number <= Math.floor(last / BLOCK); number += 1) {
      const block = this.blocks.get(number);
      if (this.loading.has(number) || (block && block.revision >= this.revision)) continue;
      this.loading.add(number);
      this.fetch(number).finally(() => this.loading.delete(number));
    }
  }

  async fetch(number) {
    let answer;
    try {
      answer = await read('/api/rows', {tab: this.tabId, from: number * BLOCK, count: BLOCK});
    } catch {
      return; // The next poll asks again.
    }
    const old = this.blocks.get(number);
    const first = number * BLOCK;
    if (old) this.compare(answer.rows, first); else answer.rows.forEach((r) => this.learn(r));
    this.blocks.delete(number);
    this.blocks.set(number, {
      rows: answer.rows,
      styles: answer.styles,
      revision: answer.revision,
      version: (old ? old.version : 0) + 1,
    });
    while (this.blocks.size > KEPT_BLOCKS) this.blocks.delete(this.blocks.keys().next().value);
    this.repaint();
  }

  learn(row) {
    const key = textOf(row && row[0]);
    if (key) this.known.set(key, JSON.stringify(row));
  }

  /** Notes which rows are new and which cells changed since the block was last read. */
  compare(after, first) {
    const until = performance.now() + CHANGE_SHOWN_MS;
    after.forEach((row, offset) => {
      const key = textOf(row && row[0]);
      if (!key) return;
      const was = this.known.get(key);
      if (was === undefined) {
        this.fresh.set(first + offset, until);
      } else if (was !== JSON.stringify(row)) {
        const old = JSON.parse(was);
        row.forEach((cell, column) => {
          if (textOf(cell) !== textOf(old[column])) this.changed.set(`${first + offset}:${column}`, until);
        });
      }
      this.learn(row);
    });
  }

  /** How long ago, in milliseconds, a row or cell changed; null when it is no news. */
  age(map, key) {
    const until = map.get(key);
    if (until === undefined) return null;
    const left = until - performance.now();
    if (left <= 0) {
      map.delete(key);
      return null;
    }
    return CHANGE_SHOWN_MS - left;
  }
}
