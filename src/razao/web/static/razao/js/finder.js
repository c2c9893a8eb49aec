// Finder: a field over a list of options that the server fills; arrows choose, enter follows, the field keeps the focus.

const options = (input) => [...document.getElementById(input.getAttribute("aria-controls")).querySelectorAll("[role=option]")];

function choose(input, option) {
  for (const other of options(input)) other.setAttribute("aria-selected", String(other === option));
  if (option) {
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  } else input.removeAttribute("aria-activedescendant");
}

function onKey(event) {
  const input = event.target.closest?.("input[data-finder]");
  if (!input) return;
  const all = options(input);
  const at = all.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    choose(input, all[(at + (event.key === "ArrowDown" ? 1 : -1) + all.length) % all.length]);
  } else if (event.key === "Enter") {
    const chosen = all[at] ?? all[0];
    if (!chosen) return;
    event.preventDefault();
    chosen.click();
  }
}

function openFinder(dialog) {
  const input = dialog.querySelector("input[data-finder]");
  dialog.showModal();
  input.value = "";
  input.focus();
  input.dispatchEvent(new Event("fill"));
}

export function startFinders() {
  document.addEventListener("keydown", onKey);
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-finder-open]");
    if (opener) openFinder(document.getElementById(opener.dataset.finderOpen));
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const input = document.querySelector(`input[data-finder][aria-controls="${event.detail.target.id}"]`);
    if (!input) return;
    choose(input, options(input)[0]);
    input.setAttribute("aria-expanded", String(options(input).length > 0));
  });
}
