// Review of an invoice by keyboard: fields are sent one after another, the data pane comes back, the next invoice is already here.
import { key } from "./keys.js";
import { startPage, fieldShown, showSheet } from "./review_page.js";
import { toast } from "./toasts.js";
import { make } from "./words.js";

const panes = document.getElementById("panes");
const words = JSON.parse(panes.dataset.words);
const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
const done = new Set();
let queue = Promise.resolve();
let ahead = null;
let last = "";
let moved = false;

const data = () => document.getElementById("data");
const fields = () => [...data().querySelectorAll("[data-field]")];
const byId = (id) => document.getElementById(id);

/** POST after everything that was sent before; the answer, or null when there is none. */
async function sendTo(url, values) {
  try {
    const response = await fetch(url, { method: "POST", headers: { "X-CSRFToken": token, "X-Requested-With": "XMLHttpRequest" }, body: new URLSearchParams(values) });
    if (response.ok || response.status === 409) return response;
    toast(response.status === 404 ? words.gone : words.lost, "error");
  } catch { toast(words.lost, "error"); }
  return null;
}

function send(values) {
  const of = data().dataset.invoice;
  queue = queue.then(async () => {
    if (data().dataset.invoice !== of) return false;
    const response = await sendTo(data().dataset.actUrl, { ...values, version: data().dataset.version });
    if (!response) return false;
    show(await response.text(), values.field);
    ahead = null;
    preload();
    return !response.headers.has("X-Refused");
  });
  return queue;
}

/** Put the data pane in place; what is being typed in other fields stays, and so does the focus. */
function show(html, sent = "") {
  const active = document.activeElement;
  const focus = active?.id ?? "";
  const range = active?.matches?.("input") ? [active.selectionStart, active.selectionEnd] : null;
  const unsent = fields().filter((f) => f.dataset.field !== sent && f.value !== f.dataset.was).map((f) => [f.id, f.value]);
  byId("data-pane").innerHTML = html;
  panes.querySelector(".beside [aria-current] .mark")?.replaceChildren(...[data().querySelector(".data-head .badge")].map((badge) => { const copy = badge.cloneNode(true); copy.classList.remove("boxed"); return copy; }));
  for (const [id, value] of unsent) if (byId(id)) byId(id).value = value;
  const again = focus && byId(focus);
  if (again && again !== document.activeElement) {
    again.focus({ preventScroll: true });
    if (range && again.setSelectionRange) again.setSelectionRange(...range);
  }
}

function changed(field) {
  if (field.readOnly || field.disabled || field.value === field.dataset.was) return null;
  field.dataset.was = field.value;
  return send({ act: "correct", field: field.dataset.field, text: field.value });
}

/** To the next doubtful field after `from`; when none is left, to what stands in the way; when nothing does, post. */
function advance(from = "") {
  const all = fields();
  const at = all.findIndex((f) => f.id === from);
  const doubtful = [...all.slice(at + 1), ...all.slice(0, at + 1)].filter((f) => "doubt" in f.dataset);
  const wrong = all.filter((f) => f.getAttribute("aria-invalid") && f.id !== from);
  if (doubtful.length) return stand(doubtful[0]);
  if (!("blocked" in data().dataset)) return post();
  if (wrong.length) return stand(wrong[0]);
  return toast(words.blocked, "warning");
}

function stand(field) {
  field.focus();
  field.select?.();
}

async function enter(field) {
  const sending = changed(field);
  if (sending) return (await sending) && advance(field.id);
  if ("account" in field.dataset && field.getAttribute("aria-invalid")) return openAccount();
  if ("doubt" in field.dataset) return (await send({ act: "confirm", field: field.dataset.field })) && advance(field.id);
  return advance(field.id);
}

async function post() {
  await queue;
  const { postUrl, fingerprint, invoice, party } = data().dataset;
  const response = await sendTo(postUrl, { fingerprint });
  if (!response) return;
  if (!response.headers.get("Content-Type").includes("json")) {
    show(await response.text());
    ready();
    return;
  }
  const answer = await response.json();
  done.add(invoice);
  toast(`${words.posted}: ${answer.posted}`, "done", answer.entry ? { href: answer.entry, text: "→" } : null);
  if (ahead && ahead.party === party) ahead = null;
  next();
}

function next() {
  const { next: url, list, invoice } = data().dataset;
  const known = [...done].some((id) => url.includes(id));
  if (!url || known) location.assign(url || known ? `${list.replace("?", "next/?")}&after=${invoice}` : list);
  else go(url);
}

async function htmlOf(url) {
  if (ahead?.url === url) return ahead.html;
  const response = await fetch(`${url}?part=panes`);
  return response.ok ? response.text() : null;
}

async function go(url) {
  const left = data().dataset.invoice;
  const html = await htmlOf(url);
  if (!html) return location.assign(url);
  panes.innerHTML = html;
  history.pushState({}, "", url);
  moved = true;
  for (const id of done) panes.querySelector(`.beside a[data-invoice="${id}"]:not([aria-current])`)?.closest("li").remove();
  document.title = `${data().querySelector("h2").textContent} · Razão`;
  ready(left);
}

/** The invoice is on the screen: say that this person is at it, stand where work begins, fetch what comes next. */
function ready(left = "") {
  ahead = null;
  panes.querySelector(".beside [aria-current]")?.scrollIntoView({ block: "nearest" });
  if (!("open" in data().dataset)) return preload();
  const first = fields().find((f) => "doubt" in f.dataset) ?? fields().find((f) => f.getAttribute("aria-invalid"));
  if (!matchMedia("(min-width: 1024px)").matches) { /* a phone starts with the page, not with a keyboard over it */ }
  else if (first) stand(first);
  else data().querySelector("[data-post]")?.focus({ preventScroll: true });
  sendTo(data().dataset.claimUrl, left ? { left } : {});
  preload();
}

function preload() {
  const url = data().dataset.next;
  if (!url || ahead?.url === url) return;
  const html = fetch(`${url}?part=panes`).then((r) => (r.ok ? r.text() : null)).catch(() => null);
  const mine = { url, html, party: "" };
  ahead = mine;
  html.then((text) => {
    if (!text) return;
    const part = new DOMParser().parseFromString(text, "text/html");
    mine.party = part.getElementById("data")?.dataset.party ?? "";
    const image = part.querySelector(".paper img");
    if (image) new Image().src = image.getAttribute("src");
  });
}

// The account form

async function openAccount() {
  await queue;
  const code = byId("f-account")?.value ?? "";
  const response = await fetch(`${data().dataset.accountUrl}?code=${encodeURIComponent(code)}`);
  fill(await response.text());
}

function fill(html) {
  const dialog = byId("dialog");
  byId("dialog-body").outerHTML = html;
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("[autofocus]")?.focus();
}

async function saveAccount(form) {
  const response = await sendTo(form.action, Object.fromEntries(new FormData(form)));
  if (!response) return;
  const html = await response.text();
  if (response.status === 409) return fill(html);
  byId("dialog").close();
  show(html);
  toast(decodeURIComponent(response.headers.get("X-Said") ?? ""), "done");
  ready();
}

// Saying something: a question, a reason, a comment

function openSay(button) {
  const dialog = byId("say");
  dialog.dataset.act = button.dataset.say;
  byId("say-title").textContent = button.dataset.title;
  byId("say-label").textContent = button.dataset.label;
  byId("say-text").value = "";
  dialog.showModal();
  byId("say-text").focus();
}

async function say(event) {
  event.preventDefault();
  const dialog = byId("say");
  const text = byId("say-text").value;
  dialog.close();
  const went = await send({ act: dialog.dataset.act, text });
  if (went && dialog.dataset.act !== "comment") { done.add(data().dataset.invoice); next(); }
}

// Suggestions of accounts

let asked = 0;
function suggest(field) {
  clearTimeout(asked);
  if (field.value.trim().endsWith("+") && field.dataset.field === "account") return changed(field);
  asked = setTimeout(async () => {
    const response = await fetch(`${data().dataset.accountsUrl}?q=${encodeURIComponent(field.value)}`);
    if (!response.ok) return;
    const { accounts } = await response.json();
    byId("accounts-found").replaceChildren(...accounts.map((a) => make("option", { value: a.code }, `${a.code} ${a.name}`)));
  }, 150);
}

function onClick(event) {
  const button = event.target.closest("button, a[data-invoice]");
  if (!button || !panes.contains(button)) return;
  const { act, number, other, say: sayAct } = button.dataset;
  if (button.matches("a[data-invoice]") && !event.ctrlKey && !event.metaKey) { event.preventDefault(); go(button.getAttribute("href")); }
  else if (act === "account-form") openAccount();
  else if (act) send({ act, ...(number && { number }), ...(other && { other }) }).then((ok) => ok && act === "undo" && ready());
  else if (sayAct) openSay(button);
  else if ("post" in button.dataset) post();
  else if ("skip" in button.dataset) next();
  else if ("sheet" in button.dataset) showSheet(button.dataset.sheet);
  else if ("reasons" in button.dataset) toggleReasons(button);
}

function toggleReasons(button) {
  const open = button.getAttribute("aria-expanded") !== "true";
  button.setAttribute("aria-expanded", open);
  data().querySelectorAll(".why").forEach((why) => { why.hidden = !open; });
}

document.addEventListener("click", onClick);
panes.addEventListener("change", (event) => event.target.matches("[data-field]") && changed(event.target));
document.addEventListener("input", (event) => event.target.matches("[data-account]") && suggest(event.target));
panes.addEventListener("focusin", (event) => {
  if (!event.target.matches("[data-field]")) return;
  last = event.target.id;
  fieldShown(event.target);
});
panes.addEventListener("keydown", (event) => {
  if (!event.target.matches("[data-field]")) return;
  if (event.key === "Enter") { event.preventDefault(); enter(event.target); }
  if (event.key === "Escape") { event.target.value = event.target.dataset.was; event.target.blur(); }
});
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-account-form]")) return;
  event.preventDefault();
  saveAccount(event.target);
});
byId("say").querySelector("form").addEventListener("submit", say);
window.addEventListener("popstate", () => moved && location.reload());
key("i", words.vat, () => { const found = fields().find((f) => f.dataset.field.endsWith(".vat_code")); if (found) stand(found); }, { when: () => Boolean(data().querySelector('[data-field$=".vat_code"]')) });
key("enter", "", () => advance(last), { when: () => "open" in data().dataset });

startPage({
  /** Put a word of the page into the field that had the focus last. */
  take(text, more) {
    const field = byId(last);
    if (!field || field.readOnly) return;
    field.value = more && field.value ? `${field.value} ${text}` : text;
    field.focus();
    if (!more) changed(field);
  },
  back: () => byId(last)?.focus(),
  hint: () => toast(words.pick),
});
ready();
