// Shell: theme, rail, drawer, search on a phone; fields that send themselves.
import { cookie, word } from "./words.js";

function setTheme(name) {
  if (name === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = name;
  cookie("theme", name);
  document.querySelectorAll("[data-set-theme]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.setTheme === name)));
}

function toggleRail() {
  const narrow = document.body.dataset.rail === "narrow";
  document.body.dataset.rail = narrow ? "wide" : "narrow";
  cookie("rail", narrow ? "wide" : "narrow");
}

function drawer(open) {
  const rail = document.querySelector(".rail");
  rail.classList.toggle("open", open);
  document.querySelector(".rail-veil").hidden = !open;
  document.querySelectorAll("[data-drawer]").forEach((button) => button.setAttribute("aria-expanded", String(open)));
  (open ? rail.querySelector("a[aria-current], a") : document.querySelector(".top-menu"))?.focus();
}

// A table wider than its place scrolls sideways: the keyboard must reach it, so it takes the focus then.
function reachable() {
  for (const place of document.querySelectorAll(".grid-wrap")) {
    if (place.scrollWidth > place.clientWidth + 1 || place.scrollHeight > place.clientHeight + 1) {
      place.tabIndex = 0;
      place.setAttribute("role", "group");
      place.setAttribute("aria-label", place.querySelector("caption")?.textContent ?? word("table"));
    } else place.removeAttribute("tabindex");
  }
}

function onClick(event) {
  const theme = event.target.closest("[data-set-theme]");
  if (theme) setTheme(theme.dataset.setTheme);
  if (event.target.closest("[data-toggle-rail]")) toggleRail();
  const opener = event.target.closest("[data-drawer]");
  if (opener) drawer(!document.querySelector(".rail").classList.contains("open"));
  const copy = event.target.closest("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy);
}

export function startShell() {
  document.addEventListener("click", onClick);
  document.body.addEventListener("htmx:afterSettle", reachable);
  window.addEventListener("resize", reachable);
  reachable();
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && document.querySelector(".rail.open")) drawer(false);
    if (event.key === "Escape" && event.target.matches?.("input[type=search]:not([data-finder])")) event.target.blur();
  });
  document.addEventListener("change", (event) => event.target.closest("[data-send]")?.form?.requestSubmit());
}
