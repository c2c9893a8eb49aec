// Toasts: short messages at the foot of the page; in: a text and a kind, or the event `toast` that a reply asks for.
import { icon, make, word } from "./words.js";

const STAYS_MS = 7000;

/** Say `text`; `kind` is info, done, warning or error. An error stays until it is closed. */
export function toast(text, kind = "info", link = null) {
  const close = make("button", { type: "button", "aria-label": word("close"), "data-close-toast": true }, "×");
  const message = make("span", {}, text);
  if (link) message.append(" ", make("a", { href: link.href }, link.text));
  const item = make("li", { class: `toast ${kind}` }, icon(kind === "done" ? "check" : kind === "info" ? "info" : "warning"), message, close);
  document.getElementById("toasts").append(item);
  live(item);
}

function live(item) {
  if (item.classList.contains("error")) return;
  let timer = setTimeout(() => item.remove(), STAYS_MS);
  item.addEventListener("pointerenter", () => clearTimeout(timer));
  item.addEventListener("focusin", () => clearTimeout(timer));
  item.addEventListener("pointerleave", () => { timer = setTimeout(() => item.remove(), STAYS_MS); });
}

export function startToasts() {
  const list = document.getElementById("toasts");
  if (!list) return;
  list.querySelectorAll(".toast").forEach(live);
  list.addEventListener("click", (event) => event.target.closest("[data-close-toast]")?.closest(".toast").remove());
  document.body.addEventListener("toast", (event) => toast(event.detail.text, event.detail.kind, event.detail.link));
  document.body.addEventListener("htmx:sendError", () => toast(word("offline"), "error"));
  document.body.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    toast(status === 403 ? word("forbidden") : status === 404 ? word("gone") : word("failed"), "error");
  });
}
