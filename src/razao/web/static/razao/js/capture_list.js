// The list of documents renews itself while files are being read, but never under rows that somebody has marked.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-poll]") && document.querySelector("[data-mark]:checked")) event.preventDefault();
});
