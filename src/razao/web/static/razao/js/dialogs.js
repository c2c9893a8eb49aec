// Dialogs: data-dialog="ID" opens one, a reply swapped into #dialog shows it, data-confirm asks before anything is sent.
import { make, word } from "./words.js";

/** Ask `text`; resolves to true when the person agrees. */
export function ask(text, label = word("go_on"), danger = false) {
  const dialog = document.getElementById("confirm");
  dialog.querySelector("[data-text]").textContent = text;
  const yes = dialog.querySelector("[data-yes]");
  yes.textContent = label;
  yes.classList.toggle("danger", danger);
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

async function askFirst(event, element, go) {
  event.preventDefault();
  event.stopImmediatePropagation();
  const { confirm, confirmLabel } = element.dataset;
  if (await ask(confirm, confirmLabel, element.matches(".danger, :has(.danger[type=submit])"))) go();
}

function onSubmit(event) {
  const source = event.submitter?.dataset.confirm ? event.submitter : event.target;
  if (!source.dataset?.confirm || source.dataset.agreed || event.target.matches("[hx-post], [hx-get], [hx-put], [hx-delete]")) return;
  askFirst(event, source, () => {
    source.dataset.agreed = "1";
    event.target.requestSubmit(event.submitter ?? undefined);
    delete source.dataset.agreed;
  });
}

function onHtmxConfirm(event) {
  const element = event.detail.elt;
  const source = element.dataset.confirm ? element : event.detail.triggeringEvent?.submitter?.dataset.confirm ? event.detail.triggeringEvent.submitter : null;
  if (source) askFirst(event, source, () => event.detail.issueRequest(true));
}

function onClick(event) {
  const opener = event.target.closest("[data-dialog]");
  if (opener) document.getElementById(opener.dataset.dialog)?.showModal();
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close(closer.value);
  if (event.target.matches("dialog.dialog") && event.target.id !== "confirm") event.target.close();
}

export function startDialogs() {
  document.addEventListener("click", onClick);
  document.addEventListener("submit", onSubmit, true);
  document.body.addEventListener("htmx:confirm", onHtmxConfirm);
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const host = event.detail.target.closest?.("dialog#dialog");
    if (!host) return;
    if (host.textContent.trim() && !host.open) host.showModal();
    host.querySelector("[autofocus], input:not([type=hidden]), select, textarea")?.focus();
  });
  document.body.addEventListener("close-dialog", () => document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close()));
  document.querySelectorAll("dialog#dialog").forEach((host) => host.addEventListener("close", () => host.replaceChildren(make("div", { id: "dialog-body" }))));
}
