/** Shows the note of the cell under the pointer. */

const GAP = 6;

export class Notes {
  constructor(grid) {
    this.grid = grid;
    this.card = document.createElement('div');
    this.card.className = 'note';
    this.card.setAttribute('role', 'tooltip');
    this.card.hidden = true;
    grid.view.append(this.card);
    grid.view.addEventListener('pointermove', (event) => this.follow(event));
    grid.view.addEventListener('pointerleave', () => this.hide());
    grid.view.addEventListener('pointerdown', () => this.hide());
    grid.scroller.addEventListener('scroll', () => this.hide(), {passive: true});
  }

  follow(event) {
    const hit = this.grid.hit(event);
    const cell = hit && !hit.whole ? this.grid.cell(hit.row, hit.column) : null;
    if (!cell || !cell.n) this.hide(); else this.show(cell.n, hit);
  }

  show(text, {row, column}) {
    const {card, grid} = this;
    const {left, top, width} = grid.bounds(row, column);
    card.textContent = text;
    card.hidden = false;
    const right = left + width + GAP;
    const fits = right + card.offsetWidth <= grid.view.clientWidth;
    card.style.left = `${fits ? right : Math.max(0, left - card.offsetWidth - GAP)}px`;
    card.style.top = `${top}px`;
  }

  hide() {
    this.card.hidden = true;
  }
}
