// The page image of the review: zoom, turn, pages, the places of fields, and words that can be taken into a field.
import { key } from "./keys.js";

const ZOOMS = [0.5, 0.7, 0.85, 1, 1.3, 1.7, 2.2, 3];
let zoom = Number(sessionStorage.getItem("zoom") ?? 3);
let hooks = { take() {}, back() {}, hint() {} };
let picking = -1;

const pane = () => document.getElementById("page-pane");
const paper = () => pane()?.querySelector(".paper");
const wordRects = () => [...(pane()?.querySelectorAll("[data-word]") ?? [])];

function apply() {
  const sheet = paper();
  if (!sheet) return;
  sheet.style.width = `${100 * ZOOMS[zoom]}%`;
  const image = sheet.querySelector("img");
  const wanted = zoom > 4 ? "w=2200" : "w=1400";
  if (!image.src.endsWith(wanted)) image.src = image.src.replace(/w=\d+$/, wanted);
}

function zoomBy(by) {
  zoom = Math.max(0, Math.min(ZOOMS.length - 1, zoom + by));
  sessionStorage.setItem("zoom", zoom);
  apply();
}

function turn() {
  const sheet = paper();
  if (!sheet) return;
  const now = [0, 90, 180, 270].find((d) => sheet.classList.contains(`turn-${d}`)) ?? 0;
  sheet.classList.remove(`turn-${now}`);
  if (now !== 270) sheet.classList.add(`turn-${now + 90}`);
}

/** Show another page of the invoice. */
export async function showSheet(number) {
  const response = await fetch(`${location.pathname}?part=page&page=${number}`);
  if (!response.ok) return;
  pane().innerHTML = await response.text();
  picking = -1;
  apply();
}

/** Mark the place of the field that has the focus, on its page. */
export async function fieldShown(field) {
  const { field: name, page } = field.dataset;
  if (page && paper() && paper().dataset.page !== page) await showSheet(page);
  pane()?.querySelectorAll(".box.on").forEach((box) => box.classList.remove("on"));
  const box = pane()?.querySelector(`[data-box="${CSS.escape(name)}"]`);
  box?.classList.add("on");
  box?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function stepSheet(by) {
  const buttons = [...pane().querySelectorAll("[data-sheet]")];
  const at = buttons.findIndex((b) => b.getAttribute("aria-current"));
  const wanted = buttons[at + by];
  if (wanted) showSheet(wanted.dataset.sheet);
}

// Words by keyboard: the nearest one in the arrow's direction, Enter takes it

const centre = (rect) => ({ x: rect.x.baseVal.value + rect.width.baseVal.value / 2, y: rect.y.baseVal.value + rect.height.baseVal.value / 2 });

function startPicking() {
  const rects = wordRects();
  if (!rects.length) return;
  const on = pane().querySelector(".box.on");
  const near = on ? centre(on) : { x: 0, y: 0 };
  picking = nearest(rects, near, () => true);
  markWord();
  hooks.hint();
  pane().querySelector(".paper-well").focus({ preventScroll: true });
}

function nearest(rects, from, fits) {
  let best = -1;
  let least = Infinity;
  rects.forEach((rect, index) => {
    const at = centre(rect);
    const far = Math.hypot(at.x - from.x, (at.y - from.y) * 1.4);
    if (far < least && fits(at)) { best = index; least = far; }
  });
  return best;
}

function markWord() {
  wordRects().forEach((rect, index) => rect.classList.toggle("at", index === picking));
  wordRects()[picking]?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function onPickKey(event) {
  if (picking < 0) return;
  const rects = wordRects();
  const here = centre(rects[picking]);
  const gap = 40;
  const fits = {
    ArrowLeft: (at) => at.x < here.x - gap && Math.abs(at.y - here.y) < 150, ArrowRight: (at) => at.x > here.x + gap && Math.abs(at.y - here.y) < 150,
    ArrowUp: (at) => at.y < here.y - gap, ArrowDown: (at) => at.y > here.y + gap,
  }[event.key];
  if (fits) {
    const found = nearest(rects, here, fits);
    if (found >= 0) picking = found;
    markWord();
  } else if (event.key === "Enter") {
    const text = rects[picking].dataset.word;
    if (!event.shiftKey) stopPicking();
    hooks.take(text, event.shiftKey);
  } else if (event.key === "Escape") {
    stopPicking();
    hooks.back();
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function stopPicking() {
  picking = -1;
  markWord();
}

/** Start the page's part; `hooks` says what happens with a word that is taken. */
export function startPage(given) {
  hooks = given;
  document.addEventListener("click", (event) => {
    const target = event.target;
    const zoomer = target.closest("[data-zoom]");
    if (zoomer) zoomBy(Number(zoomer.dataset.zoom));
    if (target.closest("[data-turn]")) turn();
    if (target.closest("[data-pick]")) startPicking();
    if (target.matches?.("[data-word]")) hooks.take(target.dataset.word, event.shiftKey);
    const box = target.closest?.("[data-box]");
    if (box) document.querySelector(`[data-field="${CSS.escape(box.dataset.box)}"]`)?.focus();
  });
  document.addEventListener("mousedown", (event) => event.target.matches?.("[data-word], [data-box]") && event.preventDefault());
  document.addEventListener("keydown", onPickKey, true);
  key(".", "", () => stepSheet(1));
  key(",", "", () => stepSheet(-1));
  new MutationObserver(apply).observe(document.getElementById("panes"), { childList: true });
  apply();
}
