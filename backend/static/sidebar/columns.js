/** Choosing, ordering and renaming the columns of a tab, with the mouse or by keyboard alone. */

import { ColumnRow } from "./column_row.js";
import { announce, button, describe, field, h } from "./dom.js";
import { selectOf } from "./group.js";

const OWN = "own";

/** The list: every column of the table, the chosen ones ticked, in the order of the tab. */
class ColumnList {
  /** @param {object[]} columns Those of a table, the primary key first. */
  constructor(columns) {
    this.element = h("ul", { class: "columns", "aria-label": "Columns, in the order of the tab" });
    this.all = columns.map((column, index) => new ColumnRow(this, column, index === 0));
    this.rows = this.all;
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.element.addEventListener("focusin", (event) => this.#stopAt(this.#rowOf(event.target)));
    this.#takeDrags();
  }

  /** Shows a choice: first what is chosen, then the rest. Empty: everything is. */
  show(chosen) {
    const headers = new Map(chosen.map(({ key, header }) => [key, header]));
    for (const row of this.all) {
      row.tick.checked = row.isKey || !chosen.length || headers.has(row.column.key);
      row.name(headers.get(row.column.key) ?? null);
    }
    const keys = [...headers.keys()];
    const place = (row) => {
      if (row.isKey) return -1;
      return headers.has(row.column.key) ? keys.indexOf(row.column.key) : keys.length;
    };
    // Sorting is stable: what is not chosen keeps the order of the catalogue.
    this.rows = this.all.toSorted((a, b) => place(a) - place(b));
    this.element.replaceChildren(...this.rows.map((row) => row.element));
    this.element.scrollTop = 0;
    this.#stopAt(this.rows[0]);
  }

  /** The chosen columns in order, with the headers that were changed. */
  get chosen() {
    const rows = this.rows.filter((row) => row.isChosen);
    return rows.map((row) => ({ key: row.column.key, header: row.header }));
  }

  /** Moves a row up or down; the first place belongs to the primary key. */
  move(row, by) {
    const from = this.rows.indexOf(row);
    const to = from + by;
    if (row.isKey || to < 1 || to >= this.rows.length) return;
    const focused = document.activeElement;
    this.#place(row, to);
    focused?.focus(); // moving the element has taken it
    row.element.scrollIntoView({ block: "nearest" });
    announce(`Place ${to + 1} of ${this.rows.length}`);
    this.changed();
  }

  /** Tells the form that something is different now. */
  changed() {
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #place(row, to) {
    const others = this.rows.filter((one) => one !== row);
    this.rows = others.toSpliced(to, 0, row);
    this.element.insertBefore(row.element, this.rows[to + 1]?.element ?? null);
  }

  #rowOf(node) {
    return this.rows.find((row) => row.element.contains(node));
  }

  #stopAt(row) {
    for (const one of this.rows) one.isStop = one === row;
  }

  #onKey(event) {
    const row = this.#rowOf(event.target);
    const steps = { ArrowUp: -1, ArrowDown: 1, Home: -this.rows.length, End: this.rows.length };
    if (event.key in steps) {
      event.preventDefault();
      const by = steps[event.key];
      if (event.altKey) this.move(row, Math.sign(by));
      else this.#focus(this.rows.indexOf(row) + by);
    } else if (event.key === "F2" || (event.key === "Enter" && event.target === row.tick)) {
      event.preventDefault(); // Enter would send the form
      row.rename();
    }
  }

  #focus(index) {
    this.rows[Math.max(0, Math.min(this.rows.length - 1, index))].tick.focus();
  }

  #takeDrags() {
    let dragged = null;
    this.element.addEventListener("dragstart", (event) => {
      dragged = this.#rowOf(event.target);
      event.dataTransfer.effectAllowed = "move";
      dragged.element.classList.add("dragged");
    });
    this.element.addEventListener("dragover", (event) => {
      const over = this.#rowOf(event.target);
      if (!dragged || !over) return;
      event.preventDefault();
      if (over !== dragged && !over.isKey) this.#place(dragged, this.rows.indexOf(over));
    });
    this.element.addEventListener("drop", (event) => event.preventDefault());
    this.element.addEventListener("dragend", () => {
      dragged?.element.classList.remove("dragged");
      dragged = null;
      this.changed();
    });
  }
}

/**
 * Makes the part that chooses columns: ready choices, and the list to change them by hand.
 * @param {object} table An entity, or one of its layouts.
 * @param {{key: string, header: string|null}[]} chosen Empty: all.
 */
export function columnsPart(table, chosen) {
  const list = new ColumnList(table.columns);
  list.show(chosen);
  const presets = new Map(table.presets.map((one) => [one.name, one]));
  const ready = selectOf(
    [...table.presets.map(({ name, label }) => [name, label]), [OWN, "My own choice"]],
    "all",
  );
  const none = button("Choose none", "quiet", () => {
    list.show([{ key: table.columns[0].key, header: null }]);
    list.changed();
  });
  const follow = () => {
    ready.value = presetOf(list.chosen, table.presets);
    ready.lastElementChild.hidden = ready.value !== OWN;
    none.disabled = list.chosen.length === 1;
  };
  ready.addEventListener("input", () => list.show(shortly(presets.get(ready.value), table)));
  list.element.addEventListener("input", follow);
  follow();
  const help = h(
    "p",
    { class: "note" },
    "Drag to reorder, or press Alt and an arrow key. F2 renames.",
  );
  describe(list.element, help);
  return {
    element: h(
      "div",
      { class: "stack-small" },
      field("Ready choices", ready),
      list.element,
      h("div", { class: "beside" }, help, none),
    ),
    value: () => ({ columns: ready.value === "all" ? [] : list.chosen }),
    says: () => described(list.chosen, table.columns.length),
    showPrivacy: (isOn) => list.all.forEach((row) => row.showPrivacy(isOn)),
  };
}

/** A ready choice as the list takes it. */
function shortly(preset, table) {
  if (!preset || preset.columns.length === table.columns.length) return [];
  return preset.columns.map((key) => ({ key, header: null }));
}

/** The name of the ready choice that this is. */
function presetOf(chosen, presets) {
  if (chosen.some(({ header }) => header !== null)) return OWN;
  const keys = chosen.map(({ key }) => key).join();
  return presets.find(({ columns }) => columns.join() === keys)?.name ?? OWN;
}

function described(chosen, all) {
  const renamed = chosen.filter(({ header }) => header !== null).length;
  const count = chosen.length === all ? `All ${all}` : `${chosen.length} of ${all}`;
  return renamed ? `${count}, ${renamed} renamed` : count;
}
