/** Where rows or columns lie: offsets that can be searched, also for a million of them. */

export class Sizes {
  /**
   * @param {number} count How many rows or columns.
   * @param {number} usual Their usual size in pixels.
   * @param {!Array<[number, number, number]>} exceptions Runs of start, end and size.
   */
  constructor(count, usual, exceptions = []) {
    this.count = count;
    this.offsets = new Float64Array(count + 1);
    const sizes = new Uint16Array(count).fill(usual);
    for (const [start, end, size] of exceptions) sizes.fill(size, start, Math.min(end, count));
    for (let i = 0; i < count; i += 1) this.offsets[i + 1] = this.offsets[i] + sizes[i];
  }

  get total() {
    return this.offsets[this.count];
  }

  start(index) {
    return this.offsets[Math.min(index, this.count)];
  }

  size(index) {
    return this.offsets[index + 1] - this.offsets[index];
  }

  /** The row or column under a position. */
  at(position) {
    let low = 0;
    let high = this.count - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.offsets[middle] <= position) low = middle; else high = middle - 1;
    }
    return Math.max(low, 0);
  }
}

/** A column's letters: 0 is A, 26 is AA. */
export function letters(column) {
  let name = '';
  for (let n = column; n >= 0; n = Math.floor(n / 26) - 1) {
    name = String.fromCharCode(65 + (n % 26)) + name;
  }
  return name;
}
