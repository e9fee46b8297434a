/** The sidebar: opens the session, loads the overview, and shows the view that fits. */

import { Api, asApiError } from "./api.js";
import { Bridge } from "./bridge.js";
import { FlowCard } from "./card.js";
import { connectView } from "./connect.js";
import { announce, button, h } from "./dom.js";
import { fixFor } from "./fixes.js";
import { importView } from "./importing.js";
import { problem } from "./notice.js";
import { noticesRegion } from "./notices.js";
import { oneOfEach } from "./one_of_each.js";
import { poll } from "./polling.js";
import { Session, takeFragment } from "./session.js";
import { settingsSection } from "./settings.js";

const LOOK_AGAIN_MS = 20_000;
/** Cards that stand unfolded at once because something goes on; of more, all are folded. */
const MOST_UNFOLDED = 2;

class Sidebar {
  constructor(root, api) {
    this.root = root;
    this.api = api;
    this.overview = null;
    this.cards = new Map();
    this.view = null;
    this.settings = null;
    this.warnings = new Map();
    this.notices = noticesRegion(this);
  }

  /** Loads everything again and shows it. focus: moves the focus to the new heading. */
  async reload({ focus = false } = {}) {
    try {
      this.overview = await this.api.overview();
    } catch (error) {
      if (this.view === null) this.#showFailure(asApiError(error));
      else this.complain(error);
      return;
    }
    this.show({ focus });
  }

  /** Shows the view that fits. adding: the form for one more import. */
  show({ adding = false, focus = false } = {}) {
    const { connection, flows } = this.overview;
    const view = !connection ? "connect" : adding || !flows.length ? "import" : "flows";
    const signature = `${view} ${connection?.id} ${connection?.api_id} ${flows.map((one) => one.id)}`;
    if (signature === this.view) this.#update();
    else {
      this.view = signature;
      this.#build(view);
    }
    this.root.removeAttribute("aria-busy");
    if (!focus) return;
    const busy = [...this.cards.values()].find((card) => card.isBusy);
    (busy?.title ?? this.root.querySelector("h1, h2"))?.focus();
  }

  /** Opens the settings on the fields for a new key. */
  openSettings() {
    this.settings?.open();
  }

  /** Brings the card of a data flow into sight. */
  point(flowId) {
    if (!this.cards.has(flowId)) this.show();
    this.cards.get(flowId)?.point();
  }

  /** Keeps the warnings that came with a run's start until its card is there. */
  remember(runId, warnings) {
    this.warnings.set(runId, warnings);
  }

  /** Says above everything what did not work. */
  complain(error) {
    const known = asApiError(error);
    const shown = this.root.querySelector(".complaint");
    if (shown?.dataset.message === known.message) return; // said already, and still so
    shown?.remove();
    const retry = () => this.reload();
    this.root.prepend(
      h(
        "div",
        { class: "complaint", "data-message": known.message },
        problem(known, { retry }),
      ),
    );
  }

  /** Whether an open notice says what is wrong with a data flow. */
  hasNotice(flowId) {
    return this.overview.notices.some((one) => one.flow_id === flowId && !one.is_dismissed);
  }

  /** Gives one button the colour, that of the card that asks for it most; shows the notices. */
  colour() {
    const cards = [...this.cards.values()];
    const main =
      cards.find((card) => card.wantsOpening && !card.head.isFolded) ??
      cards.find((card) => !card.head.isFolded) ??
      cards[0];
    for (const card of cards) card.isMain = card === main;
    this.#tell();
  }

  #build(view) {
    for (const card of this.cards.values()) card.stop();
    this.cards.clear();
    this.settings = this.overview.connection ? settingsSection(this) : null;
    let content;
    if (view === "connect") content = [connectView(this)];
    else if (view === "import") content = [importView(this)];
    else content = this.#flows();
    this.#tell();
    this.root.replaceChildren(this.notices.element, ...content, ...(this.settings ? [this.settings.element] : []));
    window.scrollTo(0, 0);
  }

  #flows() {
    const { flows, connection } = this.overview;
    for (const flow of flows) {
      const warnings = this.warnings.get(flow.active_run?.id) ?? [];
      this.cards.set(flow.id, new FlowCard(this, flow, warnings));
    }
    if (flows.length > 1) this.#fold();
    this.colour();
    return [
      h(
        "header",
        { class: "header" },
        h("span", { class: "dot", "aria-hidden": "true" }),
        h(
          "span",
          { class: "company", title: connection.company_name },
          `Connected to ${connection.company_name}`,
        ),
      ),
      ...[...this.cards.values()].map((card) => card.element),
      button("Add import", "plain wide", () => this.show({ adding: true, focus: true })),
      oneOfEach(this),
    ].filter(Boolean);
  }

  #fold() {
    const cards = [...this.cards.values()];
    const isCalm = cards.filter((card) => card.needsLook).length <= MOST_UNFOLDED;
    for (const card of cards) {
      card.head.makeFoldable();
      card.head.fold(!(card.needsLook && isCalm));
    }
  }

  #update() {
    this.root.querySelector(".complaint")?.remove();
    for (const flow of this.overview.flows) this.cards.get(flow.id)?.update(flow);
    this.colour();
  }

  #tell() {
    const { connection, notices } = this.overview;
    this.notices.show(connection ? notices : [], (id) => this.cards.get(id)?.saysWhy ?? false);
  }

  #showFailure(error) {
    const again = () => this.reload();
    const retry = error.recovery === "fix_by_user" ? null : again;
    this.root.removeAttribute("aria-busy");
    this.root.replaceChildren(
      h("h1", { tabindex: "-1" }, "Callsheet could not open"),
      problem(error, { retry, fix: fixFor(error, this, again), primary: true }),
    );
    announce(error.message);
  }
}

async function open() {
  const { session: token, host } = takeFragment();
  const bridge = new Bridge(host);
  const session = new Session(token, bridge);
  const sidebar = new Sidebar(document.getElementById("app"), new Api(session, bridge));
  await sidebar.reload();
  const idle = () => sidebar.overview && ![...sidebar.cards.values()].some((card) => card.isBusy);
  poll(
    async () => {
      // Runs of the schedule, and what other people of this spreadsheet do.
      if (sidebar.cards.size && idle()) await sidebar.reload();
      return false;
    },
    { first: LOOK_AGAIN_MS, longest: LOOK_AGAIN_MS },
  );
}

open();
