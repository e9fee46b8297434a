/** The card of one data flow: how it is, and what can be done with it. */

import { asApiError } from "./api.js";
import { announce, button, h, idOf } from "./dom.js";
import { changeForm, removeQuestion } from "./card_forms.js";
import { CardHead } from "./card_head.js";
import { fixFor } from "./fixes.js";
import { follow } from "./following.js";
import { day, exact, relative } from "./format.js";
import { chosenFacts } from "./more.js";
import { box, problem } from "./notice.js";
import { Progress } from "./progress.js";
import { qualityCard, resultBox, summary, warningsBox } from "./result.js";

export class FlowCard {
  #context;
  #progress = null;
  #stop = null;
  #seen = null; // the run that we have watched and that is over
  #wasFirst = false;
  #shown = "";
  #runs = "";
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
    this.drawer = h("div", { class: "drawer" });
    this.more = h(
      "div",
      { class: "links" },
      button("Change options", "quiet", () => this.#toggle(changeForm)),
      button("Remove", "quiet", () => this.#toggle(removeQuestion)),
    );
    const body = h(
      "div",
      { class: "stack-small" },
      this.status,
      this.complaint,
      h("div", { class: "buttons" }, this.refresh, this.open),
      this.more,
      this.drawer,
    );
    this.head = new CardHead(body, () => this.run(), () => context.colour());
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
    this.head.show(flow.label, this.#line(), this.#isFailed);
    const runs = `${flow.active_run?.id} ${flow.last_run?.id}`;
    if (runs !== this.#runs && this.needsLook) this.head.fold(false);
    this.#runs = runs;
    this.open.hidden = flow.tab === null;
    this.refresh.disabled = this.isBusy;
    this.refresh.hidden = !this.isBusy && flow.last_run?.error?.recovery === "retry_later";
    this.refresh.textContent = this.#refreshLabel();
    if (flow.active_run) this.#watch(flow.active_run);
    else this.#showState();
  }

  /** Whether it should not be folded away now. */
  get needsLook() {
    return this.isBusy || this.#isFailed || this.wantsOpening;
  }

  get #isFailed() {
    const last = this.flow.last_run;
    return !this.isBusy && last !== null && last.state !== "succeeded";
  }

  /** How it is in a few words, for the folded card. */
  #line() {
    const { last_run: last, paused_because: paused } = this.flow;
    if (this.isBusy) return this.#refreshLabel();
    if (!last) return paused ? "Paused" : "";
    const when = last.ended_at ? relative(last.ended_at, this.#context.api.now()) : "";
    if (this.#isFailed) return `Failed ${when}`;
    return paused ? `Paused · ${when}` : `${when} · ${summary(last)}`;
  }

  #refreshLabel() {
    if (!this.isBusy) return "Refresh now";
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
      this.#progress = new Progress(this.#context.api, this.entity?.label ?? "Rows");
      this.status.replaceChildren(this.#progress.element, ...warningsBox(this.#warnings));
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
      this.#progress?.update(run);
      return false;
    }
    this.#seen = run.id;
    this.stop();
    this.#progress = null;
    announce(run.state === "succeeded" ? `Done: ${summary(run)}` : run.state === "cancelled" ? "The import was cancelled" : "The import failed");
    await this.#context.reload();
    // Whoever has asked for the first rows wants to see them.
    if (this.wantsOpening) await this.#openTab();
    return true;
  }

  #showState() {
    this.stop();
    this.#progress = null;
    const { last_run: last } = this.flow;
    const failed = this.#isFailed;
    if (failed) this.#wasFirst = false;
    const facts = this.#facts(last);
    const key = JSON.stringify([last?.id, last?.state, this.flow.paused_because, this.flow.tab]);
    if (key === this.#shown) {
      // Nothing but the clock has moved: an error is not read out again.
      this.status.lastElementChild.replaceWith(facts);
      return;
    }
    this.#shown = key;
    const parts = [];
    if (failed) parts.push(this.#failure(last));
    else if (this.flow.paused_because) parts.push(box("paused", h("p", {}, this.flow.paused_because)));
    if (last && !failed) {
      if (last.id === this.#seen) parts.push(resultBox(last, this.flow, this.rows, this.#wasFirst));
      parts.push(...warningsBox(last.warnings), ...qualityCard(last.quality));
    }
    this.status.replaceChildren(...parts, facts);
  }

  #failure(run) {
    const wasCancelled = run.state === "cancelled";
    const error = run.error ?? {
      code: run.state,
      message: wasCancelled
        ? "The import was cancelled. What it had written stays."
        : "The import was interrupted. Start it again: it goes on.",
      recovery: "retry_later",
    };
    const again = () => this.run();
    return problem(error, {
      retry: error.recovery === "retry_later" ? again : null,
      fix: fixFor(error, this.#context, again, this),
      about: { run: run.id, flow: this.flow.id },
    });
  }

  #facts(last) {
    const { api, overview } = this.#context;
    const zone = overview.spreadsheet.time_zone;
    const when = (moment) =>
      h("time", { datetime: moment, title: exact(moment, zone) }, relative(moment, api.now()));
    const facts = [];
    if (last?.ended_at) {
      const what = last.state === "succeeded" ? summary(last) : last.state;
      // A run that we have watched has its own box.
      facts.push(["Last refresh", when(last.ended_at), last.id === this.#seen ? "" : ` · ${what}`]);
    }
    if (this.flow.next_run_at) {
      facts.push(["Next refresh", when(this.flow.next_run_at), ` · ${this.flow.schedule.sentence}`]);
    } else {
      const paused = this.flow.is_paused || this.flow.paused_because;
      facts.push(["Next refresh", paused ? "paused" : "only by hand"]);
    }
    const { options, since } = this.flow;
    if (options.rolling_days) facts.push(["Keeps", `the last ${options.rolling_days} days`]);
    else if (since) facts.push(["Start date", day(since, zone)]);
    facts.push(...chosenFacts(options));
    return h(
      "dl",
      { class: "facts" },
      ...facts.map(([name, ...value]) => h("div", {}, h("dt", {}, name), h("dd", {}, ...value))),
    );
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

  #toggle(make) {
    const isOpen = this.drawer.dataset.form === make.name;
    this.drawer.dataset.form = isOpen ? "" : make.name;
    this.drawer.replaceChildren(...(isOpen ? [] : [make(this.#context, this)]));
    if (!isOpen) this.drawer.querySelector("input, select, button")?.focus();
  }

  /** Opens the form that changes start date and rhythm. */
  openOptions() {
    if (this.drawer.dataset.form !== changeForm.name) this.#toggle(changeForm);
  }

  /** Opens the question whether to remove the flow. */
  openRemoval() {
    if (this.drawer.dataset.form !== removeQuestion.name) this.#toggle(removeQuestion);
  }

  /** Closes the form that is open below the card. */
  closeDrawer() {
    this.drawer.dataset.form = "";
    this.drawer.replaceChildren();
  }
}
