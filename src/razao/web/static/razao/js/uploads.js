// Uploads: several files dropped or chosen, each sent by itself with its own progress; one that fails does not stop the others.
import { make, word } from "./words.js";

const AT_ONCE = 3;

function row(file, list) {
  const bar = make("progress", { max: 100, value: 0, "aria-label": file.name });
  const state = make("span", { class: "badge" }, word("waiting"));
  const item = make("li", {}, make("span", { class: "name", title: file.name }, file.name), bar, state);
  list.append(item);
  return { item, bar, state };
}

function send(form, file, view) {
  return new Promise((resolve) => {
    const data = new FormData(form);
    data.delete(form.dataset.drop);
    data.append(form.dataset.drop, file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("X-Requested-With", "XMLHttpRequest");
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => { view.bar.value = (100 * event.loaded) / event.total; });
    request.addEventListener("loadend", () => resolve(finish(request, view)));
    view.state.textContent = word("sending");
    request.send(data);
  });
}

function answerOf(request) {
  try { return JSON.parse(request.responseText); } catch { return {}; }
}

function finish(request, view) {
  const good = request.status >= 200 && request.status < 300;
  const answer = answerOf(request);
  view.bar.value = 100;
  view.bar.classList.toggle("fail", !good);
  view.state.textContent = answer.state ?? (good ? word("received") : word("refused"));
  view.state.classList.add(good ? "done" : "fail");
  const why = (answer.problems ?? []).map((problem) => [problem.title, problem.remedy].filter(Boolean).join(" ")).join(" ");
  if (!good || why) view.item.append(make("span", { class: "why" }, why || word(request.status ? "failed" : "offline")));
  return good;
}

async function sendAll(form, files) {
  const list = form.querySelector(".uploads") ?? form.appendChild(make("ul", { class: "uploads", "aria-live": "polite" }));
  const queue = [...files].map((file) => ({ file, view: row(file, list) }));
  const worker = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) await send(form, next.file, next.view);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  document.body.dispatchEvent(new CustomEvent("uploaded", { bubbles: true }));
}

function over(event) {
  const form = event.target.closest?.("form[data-drop]");
  if (!form || ![...(event.dataTransfer?.types ?? [])].includes("Files")) return null;
  event.preventDefault();
  return form.querySelector(".drop");
}

export function startUploads() {
  document.addEventListener("dragover", (event) => over(event)?.classList.add("over"));
  document.addEventListener("dragleave", (event) => !event.relatedTarget?.closest?.(".drop") && event.target.closest?.(".drop")?.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    const area = over(event);
    if (!area) return;
    area.classList.remove("over");
    sendAll(area.closest("form"), event.dataTransfer.files);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.matches("input[type=file]") && event.target.closest("form[data-drop]");
    if (!form) return;
    sendAll(form, event.target.files).then(() => { event.target.value = ""; });
  });
}
