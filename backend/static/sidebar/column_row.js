/** One column in the list of columns: its tick, its header, and the tools to move and rename it. */

import { h, icon } from "./dom.js";

const PRIVACY = { mask: "masked", leave_out: "left out" };
const LONGEST_HEADER = 100;

export class ColumnRow {
  #list;
  #text = h("span", { class: "column-name" });
  #mark = h("span", { class: "column-mark" });

  /**
   * @param {object} list What `move(row, by)` and `changed()` are asked of.
   * @param {{key: string, header: string, note: string, private: string}} column
   * @param {boolean} isKey Whether it identifies a row: always there, always first.
   */
  constructor(list, column, isKey) {
    this.#list = list;
    this.column = column;
    this.isKey = isKey;
    this.header = null;
    this.tick = h("input", { type: "checkbox", "aria-disabled": isKey ? "true" : null });
    if (isKey) this.tick.addEventListener("click", (event) => event.preventDefault());
    this.label = h("label", { class: "check", title: column.note }, this.tick, this.#text);
    const tool = (name, picture, act) =>
      h("button", { type: "button", class: "tool", title: name, onclick: act }, icon(picture));
    this.tools = [
      !isKey && tool("Move up", "up", () => list.move(this, -1)),
      !isKey && tool("Move down", "down", () => list.move(this, 1)),
      tool("Rename", "edit", () => this.rename()),
    ].filter(Boolean);
    this.element = h(
      "li",
      { class: "column", draggable: isKey ? null : "true" },
      this.label,
      this.#mark,
      h("span", { class: "column-tools" }, ...this.tools),
    );
    this.name(null);
    this.showPrivacy(false);
  }

  /** Whether it is chosen. */
  get isChosen() {
    return this.tick.checked;
  }

  /** Gives it another header; null: the usual one. */
  name(header) {
    this.header = header;
    this.#text.textContent = header ?? this.column.header;
    this.#text.title = header === null ? "" : `Usually: ${this.column.header}`;
    for (const tool of this.tools) {
      tool.setAttribute("aria-label", `${tool.title}: ${this.#text.textContent}`);
    }
  }

  /** Says what privacy does to it. */
  showPrivacy(isOn) {
    const effect = isOn ? PRIVACY[this.column.private] : undefined;
    this.#mark.textContent = effect ?? (this.isKey ? "always first" : "");
    this.element.classList.toggle("without", effect === PRIVACY.leave_out);
  }

  /** Makes it the one row of the list that the tab key stops at, or not. */
  set isStop(isStop) {
    this.element.classList.toggle("current", isStop);
    for (const one of [this.tick, ...this.tools]) one.tabIndex = isStop ? 0 : -1;
  }

  /** Puts a field in the place of the header: Enter keeps it, Escape does not, empty: the usual. */
  rename() {
    const input = h("input", {
      type: "text",
      class: "column-rename",
      "aria-label": `New header for ${this.column.header}`,
      maxlength: LONGEST_HEADER,
      placeholder: this.column.header,
      value: this.header ?? this.column.header,
    });
    let isOver = false;
    const end = (keep, focus) => {
      if (isOver) return;
      isOver = true;
      const wanted = input.value.trim().replace(/\s+/g, " ");
      if (keep) this.name(wanted === "" || wanted === this.column.header ? null : wanted);
      input.replaceWith(this.label);
      if (!this.isKey) this.element.draggable = true;
      if (focus) this.tick.focus();
      if (keep) this.#list.changed();
    };
    input.addEventListener("keydown", (event) => {
      event.stopPropagation();
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      end(event.key === "Enter", true);
    });
    input.addEventListener("blur", () => end(true, false));
    this.element.draggable = false; // else text in the field cannot be marked
    this.label.replaceWith(input);
    input.focus();
    input.select();
  }
}
