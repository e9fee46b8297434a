/** The card of one data flow: how it is, and what can be done with it. */

import { asApiError } from "./api.js";
import { announce, button, h, idOf } from "./dom.js";
import { changeForm, removeQuestion } from "./card_forms.js";
import { CardDrawer } from "./card_drawer.js";
import { CardHead } from "./card_head.js";
import { factsOf, isFailed, lineOf, stateOf } from "./card_state.js";
import { fixFor } from "./fixes.js";
import { follow } from "./following.js";
import { problem } from "./notice.js";
import { Progress } from "./progress.js";
import { summary, warningsBox } from "./result.js";

const ENDINGS = { succeeded: "Done", cancelled: "The import was cancelled" };

export class FlowCard {
  #context;
  #progress = null;
  #stop = null;
  #seen = null; // the run that we have watched and that is over
  #wasFirst = false;
  #shown = "";
  #ended; // the run that was the last one
  #warnings;

  /**
   * @param {object} context
   * @param {object} flow
   * @param {string[]} warnings Those that came with the start of its active run.
   */
  constructor(context, flow, warnings = []) {
    this.#context = context;
    this.#warnings = warnings;
    this.flow = flow;
    this.entity = context.overview.entities.find((one) => one.name === flow.entity);
    this.rows = (this.entity?.label ?? "rows").toLowerCase();
    this.status = h("div", { class: "stack-small" });
    this.refresh = button("Refresh now", "plain", () => this.run());
    this.open = button("Open tab", "plain", () => this.#openTab());
    this.complaint = h("div", {});
    this.drawer = new CardDrawer(context, this);
    const body = h(
      "div",
      { class: "stack-small" },
      this.status,
      this.complaint,
      h("div", { class: "buttons" }, this.refresh, this.open),
      this.drawer.links,
      this.drawer.element,
    );
    this.head = new CardHead(body, () => this.run(), () => this.#folded());
    this.title = this.head.title;
    const labelled = { "aria-labelledby": idOf(this.head.text) };
    this.element = h("section", { class: "card", ...labelled }, this.head.element, body);
    this.update(flow);
  }

  /** Whether a run is going on. */
  get isBusy() {
    return this.flow.active_run !== null;
  }

  /** Whether the tab should be opened next: its first rows have just arrived. */
  get wantsOpening() {
    return this.#wasFirst && this.flow.tab !== null && !this.isBusy;
  }

  /** Gives the card's main button its colour, or takes it: one coloured button in the page. */
  set isMain(main) {
    const helps = this.status.querySelector(".box-error .button:last-child");
    const coloured = !main ? null : this.wantsOpening ? this.open : (helps ?? this.refresh);
    for (const one of [this.refresh, this.open, helps]) {
      one?.classList.toggle("primary", one === coloured);
      one?.classList.toggle("plain", one !== coloured);
    }
  }

  /** Shows the flow as it is now. */
  update(flow) {
    this.flow = flow;
    this.#showHead();
    const ended = flow.last_run?.id;
    if (this.#ended !== undefined && ended !== this.#ended) {
      if (this.#isFailed) this.head.fold(false);
      this.drawer.renew();
    }
    this.#ended = ended;
    this.open.hidden = flow.tab === null;
    this.refresh.disabled = this.isBusy && !this.#isGathering;
    this.refresh.hidden = !this.isBusy && flow.last_run?.error?.recovery === "retry_later";
    this.refresh.textContent = this.#refreshLabel();
    if (flow.active_run) this.#watch(flow.active_run);
    else this.#showState();
  }

  /** Whether it should not be folded away now. */
  get needsLook() {
    const isUnsaid = this.#isFailed && !this.#context.hasNotice(this.flow.id);
    return this.isBusy || isUnsaid || this.wantsOpening;
  }

  /** Whether it says to everybody what is wrong. */
  get saysWhy() {
    return this.#isFailed && !this.head.isFolded;
  }

  get #isFailed() {
    return !this.isBusy && isFailed(this.flow.last_run);
  }

  #showHead() {
    const line = this.isBusy ? this.#busyLine() : lineOf(this.#context, this.flow);
    const isBad = this.#isFailed || (!this.isBusy && Boolean(this.flow.stale_since));
    this.head.show(this.flow.label, line, { isBad, isBusy: this.isBusy });
  }

  /** Whether its run waits for more events before it begins: a click begins it at once. */
  get #isGathering() {
    const { active_run: run } = this.flow;
    return run?.state === "waiting" && run.started_at === null;
  }

  #busyLine() {
    if (this.#isGathering) return "Gathering events";
    const { rows_received: received, rows_expected: expected } = this.flow.active_run.progress;
    const share = expected ? ` ${Math.floor((100 * Math.min(received, expected)) / expected)} %` : "";
    return this.#refreshLabel() + share;
  }

  #refreshLabel() {
    if (!this.isBusy || this.#isGathering) return "Refresh now";
    if (this.flow.active_run.trigger === "undo") return "Taking back…";
    return this.flow.last_run === null ? "Importing…" : "Refreshing…";
  }

  /** Stops everything that goes on by itself. */
  stop() {
    this.#stop?.();
    this.#stop = null;
    this.#progress?.stop();
  }

  /** Starts a run, or joins the one that is going on. */
  async run() {
    this.complaint.replaceChildren();
    this.refresh.disabled = true;
    this.head.fold(false);
    try {
      const run = await this.#context.api.change("POST", `/flows/${this.flow.id}/runs`);
      this.update({ ...this.flow, active_run: run, paused_because: null });
      this.#context.colour();
    } catch (error) {
      this.refresh.disabled = false;
      this.complain(error, () => this.run());
    }
  }

  /** Takes the last replacing import back, as a run. */
  async undo() {
    this.complaint.replaceChildren();
    try {
      const run = await this.#context.api.change("POST", `/flows/${this.flow.id}/undo`);
      this.update({ ...this.flow, active_run: run });
    } catch (error) {
      this.complain(error, () => this.undo());
    }
  }

  /** Says inside the card what did not work. */
  complain(error, again) {
    const known = asApiError(error);
    const fix = again ? fixFor(known, this.#context, again, this) : null;
    const retry = known.recovery === "fix_by_user" ? null : again;
    this.complaint.replaceChildren(problem(known, { retry, fix, about: { flow: this.flow.id } }));
  }

  /** Remembers warnings that came with the start of a run. */
  warn(warnings) {
    this.#warnings = warnings;
  }

  #watch(run) {
    this.#wasFirst ||= this.flow.last_run === null;
    if (!this.#progress) {
      this.#shown = "";
      this.complaint.replaceChildren();
      const cancel = () => this.#cancel();
      this.#progress = new Progress(this.#context.api, this.entity?.label ?? "Rows", cancel);
      const hadFocus = this.status.contains(document.activeElement);
      this.status.replaceChildren(this.#progress.element, ...warningsBox(this.#warnings));
      if (hadFocus) this.head.focus();
    }
    this.#progress.update(run);
    const { api } = this.#context;
    this.#stop ??= follow(api, run.id, (now) => this.#hear(now), () => this.#look(run.id));
  }

  async #look(runId) {
    let run;
    try {
      run = await this.#context.api.run(runId);
    } catch (error) {
      const known = asApiError(error);
      if (known.recovery === "retry_later") return false;
      this.complain(known);
      return true;
    }
    return this.#hear(run);
  }

  async #hear(run) {
    if (["queued", "running", "waiting"].includes(run.state)) {
      this.flow = { ...this.flow, active_run: run };
      this.#progress?.update(run);
      this.#showHead();
      return false;
    }
    this.#seen = run.id;
    this.stop();
    this.#progress = null;
    const ending = ENDINGS[run.state] ?? "The import failed";
    announce(run.state === "succeeded" ? `${ending}: ${summary(run)}` : ending);
    await this.#context.reload();
    // Whoever has asked for the first rows wants to see them.
    if (this.wantsOpening && !this.head.isFolded) await this.#openTab();
    return true;
  }

  #showState() {
    this.stop();
    this.#progress = null;
    const { last_run: last } = this.flow;
    if (this.#isFailed || last?.state === "cancelled") this.#wasFirst = false;
    const isSeen = last !== null && last.id === this.#seen;
    const facts = factsOf(this.#context, this.flow, isSeen);
    const { paused_because: why, is_paused: isPaused, tab } = this.flow;
    const key = JSON.stringify([last?.id, last?.state, why, isPaused, tab, Boolean(this.flow.stale_since)]);
    if (key === this.#shown) {
      // Nothing but the clock has moved: an error is not read out again.
      this.status.lastElementChild.replaceWith(facts);
      return;
    }
    this.#shown = key;
    const state = stateOf(this.#context, this, { isSeen, isFirst: this.#wasFirst });
    const hadFocus = this.status.contains(document.activeElement);
    this.status.replaceChildren(...state, facts);
    if (hadFocus) this.head.focus(); // what was pressed is gone
  }

  async #cancel() {
    try {
      const { id } = this.flow.active_run;
      await this.#hear(await this.#context.api.change("POST", `/runs/${id}/cancel`));
    } catch (error) {
      this.#progress?.letCancel();
      this.complain(error);
    }
  }

  async #openTab() {
    try {
      await this.#context.api.openTab(this.flow.tab.id);
      this.complaint.replaceChildren();
      this.#wasFirst = false;
      this.#context.colour();
    } catch (error) {
      this.complain(error, () => this.#openTab());
    }
  }

  #folded() {
    if (this.head.isFolded) this.closeDrawer(); // what is shown once is not kept out of sight
    this.#context.colour();
  }

  /** Opens a form below the card, in the place of one that is open. */
  openDrawer(make) {
    this.head.fold(false);
    this.drawer.open(make);
  }

  /** Opens the form that changes start date and options. */
  openOptions() {
    this.openDrawer(changeForm);
  }

  /** Opens the question whether to remove the flow. */
  openRemoval() {
    this.openDrawer(removeQuestion);
  }

  /** Closes the form that is open below the card. */
  closeDrawer() {
    this.drawer.close();
  }

  /** Brings the card into sight, with the focus on its title. */
  point() {
    this.head.fold(false);
    this.element.scrollIntoView({ block: "nearest" });
    this.head.focus();
  }
}
