// Razão's page layer: starts the parts once; everything works by delegation, so swapped parts need no start of their own.
import { startDialogs } from "./dialogs.js";
import { startFinders } from "./finder.js";
import { startKeys } from "./keys.js";
import { startLists } from "./lists.js";
import { startMenus } from "./menus.js";
import { startOnce } from "./once.js";
import { startShell } from "./shell.js";
import { startToasts } from "./toasts.js";
import { startUploads } from "./uploads.js";

for (const start of [startShell, startMenus, startDialogs, startToasts, startFinders, startLists, startUploads, startKeys, startOnce]) start();
document.documentElement.dataset.ready = "";
