// Words and small things of the page: in: a name; out: its translated text, or an element. No state but the page itself.

/** The translated text `name`, with {n}-like places filled from `values`. Texts stand as data attributes of #words. */
export function word(name, values = {}) {
  const text = document.getElementById("words")?.dataset[name] ?? name;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? values[key] : whole));
}

/** A new element with attributes and children; children may be strings. */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** A copy of the icon that the page keeps in <template id="icon-NAME">. */
export function icon(name) {
  return document.getElementById(`icon-${name}`)?.content.firstElementChild.cloneNode(true) ?? "";
}

/** True where the person is typing, so that letters are letters. */
export function typing(target) {
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target.matches("textarea, select")) return true;
  return target.matches("input") && !["checkbox", "radio", "button", "submit", "range", "file"].includes(target.type);
}

/** True when `element` can be seen and used now. */
export function usable(element) {
  return element.getClientRects().length > 0 && !element.disabled && element.getAttribute("aria-disabled") !== "true";
}

export function cookie(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
}
