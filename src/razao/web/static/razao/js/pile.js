// The strip of a pile: arrows move from bar to bar; Enter cuts or joins (the bar's own button).
import { key } from "./keys.js";

const bars = () => [...document.querySelectorAll("[data-bar]:not(:disabled)")];

function step(by) {
  const all = bars();
  const at = all.indexOf(document.activeElement);
  const wanted = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
  wanted?.focus();
  wanted?.scrollIntoView({ block: "nearest" });
}

key("arrowright", "", () => step(1));
key("arrowleft", "", () => step(-1));
key("j", "", () => step(1));
key("k", "", () => step(-1));
