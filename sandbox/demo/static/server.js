/** Talks to the demo's own server, and says in a toast when it cannot. */

let toastTimer = 0;

/** Shows a sentence at the foot of the page for a few seconds. */
export function toast(sentence) {
  const box = document.getElementById('toast');
  box.textContent = sentence;
  box.hidden = false;
  clearTimeout(toastTimer);
  toastTimer = setTimeout(() => { box.hidden = true; }, 6000);
}

async function answerOf(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `The demo answered ${response.status}.`);
  return body;
}

/** Reads JSON from the demo's server. */
export async function read(path, params = {}) {
  return answerOf(await fetch(`${path}?${new URLSearchParams(params)}`, {cache: 'no-store'}));
}

/** Sends JSON to the demo's server. */
export async function send(path, body) {
  return answerOf(await fetch(path, {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify(body),
  }));
}

/** Changes the spreadsheet as its user; what Google refuses is shown, not thrown. */
export async function edit(action, details) {
  const saved = document.getElementById('saved');
  saved.textContent = 'Saving…';
  try {
    await send('/api/edit', {action, ...details});
    saved.textContent = 'Saved';
    return true;
  } catch (error) {
    saved.textContent = 'Not saved';
    toast(error.message);
    return false;
  }
}
