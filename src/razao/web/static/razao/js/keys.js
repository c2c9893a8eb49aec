// Keys of the page: every element with data-key="p" or "g c" answers to that key; `?` lists them all.
import { make, typing, usable, word } from "./words.js";

const registered = [];
let waiting = "";
let timer = 0;

/** A key without an element of its own. `inside` (optional) is an element that must be on the page. */
export function key(combination, label, act, { group = "", always = false, when = () => true } = {}) {
  registered.push({ combination, label, act, group, always, when });
}

function pressed(event) {
  const name = event.key === " " ? "space" : event.key.length === 1 ? event.key : event.key.toLowerCase();
  const held = (event.ctrlKey || event.metaKey ? "ctrl+" : "") + (event.altKey ? "alt+" : "");
  return held + (event.shiftKey && event.key.length > 1 ? "shift+" : "") + name;
}

function scope() {
  const open = [...document.querySelectorAll("dialog[open]")];
  return open.at(-1) ?? document;
}

function labelOf(element) {
  if (element.dataset.keyLabel) return element.dataset.keyLabel;
  if (element.getAttribute("aria-label")) return element.getAttribute("aria-label");
  const copy = element.cloneNode(true);
  copy.querySelectorAll("kbd, .sr, .count").forEach((part) => part.remove());
  return copy.textContent.trim().replace(/\s+/g, " ") || element.labels?.[0]?.textContent.trim() || element.placeholder || "";
}

function candidates() {
  const here = scope();
  const elements = [...here.querySelectorAll("[data-key]")].map((element) => ({
    combination: element.dataset.key, label: labelOf(element), group: element.dataset.keyGroup ?? "", element,
    always: "keyAlways" in element.dataset, when: () => "keyHidden" in element.dataset || usable(element),
    act: () => activate(element),
  }));
  return (here === document ? [...registered, ...elements] : elements).filter((one) => one.when());
}

function activate(element) {
  if (element.matches("input:not([type=checkbox], [type=radio]), select, textarea")) {
    element.focus();
    element.select?.();
  } else element.click();
}

function onKey(event) {
  if (event.defaultPrevented || event.isComposing || ["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
  const writes = typing(event.target);
  const name = pressed(event);
  const tried = waiting ? `${waiting} ${name}` : name;
  const all = candidates().filter((one) => one.always || !writes);
  const hit = all.find((one) => one.combination === tried) ?? all.find((one) => one.combination === name);
  clearTimeout(timer);
  waiting = "";
  if (hit && !(event.target.matches?.("a, button, summary") && name === "enter")) {
    event.preventDefault();
    hit.act(event);
  } else if (all.some((one) => one.combination.startsWith(`${name} `))) {
    event.preventDefault();
    waiting = name;
    timer = setTimeout(() => { waiting = ""; }, 1200);
  }
}

/** The names on the keys of `combination`, as <kbd> elements. */
export function keycaps(combination) {
  const caps = combination.split(" ").map((part) => make("kbd", {}, part.split("+").map((name) => word(`key_${name}`) === `key_${name}` ? name : word(`key_${name}`)).join(" ")));
  return caps.flatMap((cap, index) => (index ? [" ", cap] : [cap]));
}

function showKeys() {
  const dialog = document.getElementById("keys");
  const body = dialog.querySelector("[data-keys]");
  const groups = new Map([word("this_page"), word("lists"), word("everywhere")].map((name) => [name, []]));
  const seen = new Set();
  for (const one of candidates()) {
    if (!one.label || seen.has(one.combination)) continue;
    seen.add(one.combination);
    const group = one.group || word("this_page");
    groups.set(group, [...(groups.get(group) ?? []), one]);
  }
  body.replaceChildren(...[...groups].filter(([, list]) => list.length).flatMap(([name, list]) => [
    make("h3", {}, name),
    make("dl", { class: "keys" }, ...list.map((one) => make("div", {}, make("dt", {}, ...keycaps(one.combination)), make("dd", {}, one.label)))),
  ]));
  dialog.showModal();
}

export function startKeys() {
  document.addEventListener("keydown", onKey);
  key("?", word("show_keys"), showKeys, { group: word("everywhere") });
  document.querySelectorAll("[data-show-keys]").forEach((button) => button.addEventListener("click", showKeys));
}
