// Lists: rows by keyboard (j k space x enter), marks with their count and sum, a right-click menu that mirrors the buttons.
import { key } from "./keys.js";
import { make, usable, word } from "./words.js";

const ROWS = "tbody tr[data-row]";

function list() {
  const lists = [...document.querySelectorAll("table[data-list]")].filter(usable);
  return document.activeElement?.closest?.("table[data-list]") ?? lists[0] ?? null;
}

const rowsOf = (table) => [...table.querySelectorAll(ROWS)].filter(usable);
const boxOf = (row) => row.querySelector("input[type=checkbox][data-mark]");
const hereOf = (table) => table.querySelector("tr.here");

function stand(row) {
  const table = row.closest("table");
  hereOf(table)?.classList.remove("here");
  row.classList.add("here");
  row.tabIndex = -1;
  row.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function step(by) {
  const table = list();
  const rows = rowsOf(table);
  const at = rows.indexOf(hereOf(table));
  const next = rows[Math.max(0, Math.min(rows.length - 1, at < 0 ? 0 : at + by))];
  if (next) stand(next);
}

function mark(row, on) {
  const box = boxOf(row);
  if (!box) return;
  box.checked = on ?? !box.checked;
  row.classList.toggle("chosen", box.checked);
  tell(row.closest("table"));
}

function markAll(on) {
  const table = list();
  const rows = rowsOf(table).filter(boxOf);
  const want = on ?? !rows.every((row) => boxOf(row).checked);
  for (const row of rows) {
    boxOf(row).checked = want;
    row.classList.toggle("chosen", want);
  }
  tell(table);
}

const bulkOf = (table) => document.querySelector(`[data-bulk="${table.id}"]`);

function amountText(units) {
  const digits = String(Math.abs(units)).padStart(3, "0");
  const whole = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, word("group"));
  return `${units < 0 ? "−" : ""}${whole}${word("decimal")}${digits.slice(-2)}`;
}

function tell(table) {
  const rows = [...table.querySelectorAll(ROWS)].filter(boxOf);
  const marked = rows.filter((row) => boxOf(row).checked);
  const all = table.querySelector("input[data-mark-all]");
  if (all) {
    all.checked = rows.length > 0 && marked.length === rows.length;
    all.indeterminate = marked.length > 0 && !all.checked;
  }
  const bulk = bulkOf(table);
  if (!bulk) return;
  const sums = marked.filter((row) => row.dataset.amount).map((row) => Number(row.dataset.amount));
  const every = bulk.querySelector("[data-mark-every]");
  const whole = Number(table.dataset.total ?? rows.length);
  bulk.hidden = marked.length === 0;
  if (every) every.hidden = !(all?.checked && whole > rows.length);
  const input = bulk.querySelector("input[name=all]");
  if (input) input.value = "";
  bulk.querySelector(".said").textContent = word("marked", { n: marked.length }) + (sums.length ? ` · ${amountText(sums.reduce((a, b) => a + b, 0))}` : "");
}

function markEvery(button) {
  const bulk = button.closest("[data-bulk]");
  const table = document.getElementById(bulk.dataset.bulk);
  bulk.querySelector("input[name=all]").value = "1";
  bulk.querySelector(".said").textContent = word("marked", { n: table.dataset.total });
  button.hidden = true;
}

function open(row) {
  row.querySelector("a[data-open]")?.click();
}

// The right-click menu is made of the row's own links and buttons and of the list's, so that it cannot differ from them.
function commands(row) {
  const table = row.closest("table");
  const own = [...row.querySelectorAll("a[data-open], [data-command]")];
  const shared = [...(bulkOf(table)?.querySelectorAll("[data-command]") ?? [])];
  const items = [...own, ...shared].map((source) => [source.dataset.command || source.dataset.label || word("open"), () => source.click(), source]);
  if (boxOf(row)) {
    items.push(null, [boxOf(row).checked ? word("unmark") : word("mark"), () => mark(row)], [word("mark_all"), () => markAll(true)], [word("unmark_all"), () => markAll(false)]);
  }
  return items;
}

function showMenu(event) {
  const row = event.target.closest(`table[data-list] ${ROWS}`);
  if (!row || event.target.closest("input, textarea") || window.getSelection()?.toString()) return;
  event.preventDefault();
  const table = row.closest("table");
  if (boxOf(row) && !boxOf(row).checked) {
    [...table.querySelectorAll("tr.chosen")].forEach((other) => { boxOf(other).checked = false; other.classList.remove("chosen"); });
    if (bulkOf(table)) mark(row, true);
  }
  stand(row);
  const menu = make("div", { class: "float menu", role: "menu", popover: "auto", id: "row-menu" });
  for (const item of commands(row)) menu.append(item ? menuItem(row, ...item) : make("hr", { class: "menu-rule" }));
  document.getElementById("row-menu")?.remove();
  (row.closest("main") ?? document.body).append(menu);
  menu.addEventListener("toggle", (change) => change.newState === "closed" && menu.remove());
  menu.showPopover();
  place(menu, event, row);
  menu.querySelector("[role=menuitem]")?.focus();
}

function menuItem(row, label, act, source) {
  const off = source && (source.disabled || source.getAttribute?.("aria-disabled") === "true");
  const item = make("button", { type: "button", role: "menuitem", class: `menu-item${source?.classList?.contains("danger") ? " danger" : ""}`, "aria-disabled": off || null }, label);
  if (source?.dataset?.key) item.append(make("kbd", {}, source.dataset.key));
  item.addEventListener("click", () => {
    item.closest("[popover]").hidePopover();
    row.focus({ preventScroll: true });
    if (!off) act();
  });
  return item;
}

function place(menu, event, row) {
  const box = row.getBoundingClientRect();
  const at = event.clientX || event.clientY ? { x: event.clientX, y: event.clientY } : { x: box.left + 40, y: box.bottom };
  menu.style.left = `${Math.max(8, Math.min(at.x, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(at.y, innerHeight - menu.offsetHeight - 8))}px`;
}

function onClick(event) {
  const every = event.target.closest("[data-mark-every]");
  if (every) markEvery(every);
  if (event.target.closest("[data-unmark]")) markAll(false);
  const fold = event.target.closest("[data-fold]");
  if (fold) toggleFold(fold);
  const row = event.target.closest(`table[data-list] ${ROWS}`);
  if (!row || event.target.closest("a, button, input, label, select, summary")) return;
  stand(row);
  if (row.querySelector("a[data-open]") && !window.getSelection()?.toString()) open(row);
}

function onChange(event) {
  if (event.target.matches("input[data-mark]")) mark(event.target.closest("tr"), event.target.checked);
  if (event.target.matches("input[data-mark-all]")) markAll(event.target.checked);
}

// Levels of a tree table: rows in order, data-level says the depth; a folded row hides all deeper rows that follow.
function toggleFold(button) {
  button.setAttribute("aria-expanded", button.getAttribute("aria-expanded") !== "true");
  let hiddenBelow = Infinity;
  for (const row of button.closest("table").querySelectorAll("tbody tr[data-level]")) {
    const level = Number(row.dataset.level);
    if (level <= hiddenBelow) hiddenBelow = Infinity;
    row.hidden = level > hiddenBelow;
    const fold = row.querySelector("[data-fold]");
    if (!row.hidden && fold?.getAttribute("aria-expanded") === "false") hiddenBelow = level;
  }
}

function here() {
  const table = list();
  return table && hereOf(table);
}

export function startLists() {
  const rows = { group: word("lists"), when: () => list() !== null };
  const marks = { group: word("lists"), when: () => Boolean(list()?.querySelector("[data-mark]")) };
  key("j", word("next_row"), () => step(1), rows);
  key("k", word("previous_row"), () => step(-1), rows);
  key("space", word("mark_row"), () => here() && (mark(here()), step(1)), marks);
  key("x", word("mark_all"), () => markAll(), marks);
  key("enter", word("open_row"), () => here() && open(here()), { ...rows, when: () => Boolean(here()?.querySelector("a[data-open]")) });
  key("arrowdown", "", () => step(1), { ...rows, when: () => Boolean(here()) });
  key("arrowup", "", () => step(-1), { ...rows, when: () => Boolean(here()) });
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("contextmenu", showMenu);
  document.body.addEventListener("htmx:afterSwap", () => document.querySelectorAll("table[data-list]").forEach(tell));
}
