// Menus and popovers: the browser opens and closes them (popovertarget); this places them and moves among their items.

function anchorOf(popover) {
  return document.querySelector(`[popovertarget="${popover.id}"]`);
}

function placeUnder(popover) {
  const anchor = anchorOf(popover);
  if (!anchor) return;
  const box = anchor.getBoundingClientRect();
  const left = popover.dataset.side === "end" ? box.right - popover.offsetWidth : box.left;
  popover.style.left = `${Math.max(8, Math.min(left, innerWidth - popover.offsetWidth - 8))}px`;
  const below = box.bottom + 4;
  const fits = below + popover.offsetHeight < innerHeight - 8;
  popover.style.top = `${fits ? below : Math.max(8, box.top - popover.offsetHeight - 4)}px`;
}

function onToggle(event) {
  const popover = event.target;
  if (!(popover instanceof HTMLElement) || !popover.matches("[popover]")) return;
  const anchor = anchorOf(popover);
  anchor?.setAttribute("aria-expanded", String(event.newState === "open"));
  if (event.newState !== "open") return;
  placeUnder(popover);
  if (popover.matches("[role=menu], .menu") && popover.id !== "row-menu") popover.querySelector("a, button, input")?.focus();
}

function onKey(event) {
  const menu = event.target.closest?.(".menu[popover]");
  if (!menu || !["ArrowDown", "ArrowUp", "Home", "End"].includes(event.key)) return;
  const items = [...menu.querySelectorAll("a, button, input")].filter((item) => item.getClientRects().length);
  const at = items.indexOf(document.activeElement);
  const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
  items[(next + items.length) % items.length]?.focus();
  event.preventDefault();
  event.stopPropagation();
}

export function startMenus() {
  document.addEventListener("toggle", onToggle, true);
  document.addEventListener("keydown", onKey, true);
  document.body.addEventListener("htmx:afterSettle", () => document.querySelectorAll("[popover]:popover-open").forEach((popover) => popover.id !== "row-menu" && placeUnder(popover)));
}
