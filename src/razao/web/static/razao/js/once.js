// A form is sent once: a second press while the answer is on its way sends nothing.

/** After this long, in ms, it may be sent again: the answer was a file, or never came. */
const AGAIN = 4000;

function onSubmit(event) {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  const release = () => delete form.dataset.sent;
  // Who sends it in another way has said so by the time every listener was asked.
  setTimeout(() => event.defaultPrevented && release());
  setTimeout(release, AGAIN);
}

export function startOnce() {
  document.addEventListener("submit", onSubmit);
  // A page that comes back from the browser's memory is fresh.
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => delete form.dataset.sent));
}
