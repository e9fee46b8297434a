/** The menu bar and the menus of rows, columns and tabs. */

const popover = document.getElementById('popover');
let owner = null;

/** Puts the open menu away. */
export function closeMenu() {
  popover.hidden = true;
  if (owner) owner.setAttribute('aria-expanded', 'false');
  owner = null;
}

function entry(item) {
  if (item === null) return document.createElement('hr');
  if (item.group) {
    const title = document.createElement('div');
    title.className = 'group';
    title.textContent = item.group;
    return title;
  }
  const button = document.createElement('button');
  button.type = 'button';
  button.setAttribute('role', 'menuitem');
  button.textContent = item.label;
  if (item.nested) button.className = 'nested';
  button.addEventListener('click', () => {
    closeMenu();
    item.run();
  });
  return button;
}

/**
 * Opens a menu at a place of the screen.
 * @param {!Array<?{label: string, run: function(), group: string, nested: boolean}>} items Null is a line.
 */
export function openMenu(items, left, top) {
  popover.replaceChildren(...items.map(entry));
  popover.hidden = false;
  popover.style.left = `${Math.min(left, window.innerWidth - popover.offsetWidth - 8)}px`;
  popover.style.top = `${Math.min(top, window.innerHeight - popover.offsetHeight - 8)}px`;
  popover.querySelector('button')?.focus();
}

/** A button of the menu bar whose items are asked for when it opens. */
export function menuButton(label, items) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = label;
  button.setAttribute('role', 'menuitem');
  button.setAttribute('aria-haspopup', 'true');
  button.setAttribute('aria-expanded', 'false');
  button.addEventListener('click', (event) => {
    event.stopPropagation();
    if (owner === button) {
      closeMenu();
      return;
    }
    closeMenu();
    owner = button;
    button.setAttribute('aria-expanded', 'true');
    const bounds = button.getBoundingClientRect();
    openMenu(items(), bounds.left, bounds.bottom + 2);
  });
  return button;
}

document.addEventListener('mousedown', (event) => {
  if (!popover.contains(event.target) && event.target !== owner) closeMenu();
});
window.addEventListener('blur', closeMenu);
popover.addEventListener('keydown', (event) => {
  const buttons = [...popover.querySelectorAll('button')];
  const at = buttons.indexOf(document.activeElement);
  if (event.key === 'Escape') closeMenu();
  if (event.key === 'ArrowDown') buttons[(at + 1) % buttons.length].focus();
  if (event.key === 'ArrowUp') buttons[(at - 1 + buttons.length) % buttons.length].focus();
});
