"""Icons: in: a name, out: the paths of a drawing on a grid of 18 px, one stroke width; the site's only source of pictograms."""

from __future__ import annotations

from types import MappingProxyType

#: Drawn for Razão. Everything is a stroke except in SHAPES.
ICONS = MappingProxyType(
    {
        "home": "M2.5 8 9 2.5 15.5 8M4.5 7v8.5h9V7M7.5 15.5v-4h3v4",
        "scan": "M2.5 5.5v-3h3M12.5 2.5h3v3M15.5 12.5v3h-3M5.5 15.5h-3v-3M5.5 6.5h7M5.5 9h7M5.5 11.5h4",
        "billing": "M4 2.5h10v13l-2-1.4-1.6 1.4L9 14.1l-1.4 1.4L6 14.1l-2 1.4zM6.5 6h5M6.5 9h5",
        "ledger": "M2.5 3h13v12h-13zM2.5 6.5h13M9 6.5V15M5 9.5h1.5M11.5 9.5H13M5 12h1.5M11.5 12H13",
        "report": "M2.5 15.5h13M4.5 15.5V9M8 15.5V5M11.5 15.5V11M15 15.5V2.5",
        "send": "M15.5 2.5 8 10M15.5 2.5 11 15.5 8 10 2.5 7z",
        "archive": "M2 3h14v3.5H2zM3.5 6.5v8.5h11V6.5M7 9.5h4",
        "settings": "M2.5 5h6M12.5 5h3M2.5 13h3M9.5 13h6M8.5 3h4v4h-4zM5.5 11h4v4h-4z",
        "search": "M7.75 13a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5zM11.6 11.6l4 4",
        "close": "M4 4l10 10M14 4 4 14",
        "menu": "M2.5 5h13M2.5 9h13M2.5 13h13",
        "more": "M4 9h.01M9 9h.01M14 9h.01",
        "plus": "M9 3v12M3 9h12",
        "minus": "M3 9h12",
        "down": "M4.5 7 9 11.5 13.5 7",
        "right": "M7 4.5 11.5 9 7 13.5",
        "left": "M11 4.5 6.5 9l4.5 4.5",
        "up": "M9 15V3M4.5 7.5 9 3l4.5 4.5",
        "check": "M3 9.5 7 13.5 15 4.5",
        "warning": "M9 2.5 16.5 15.5h-15zM9 7v4M9 13.2v.1",
        "error": "M9 1.8 16.2 9 9 16.2 1.8 9zM9 5.5v4M9 12v.1",
        "info": "M9 16A7 7 0 1 0 9 2a7 7 0 0 0 0 14zM9 8v4.5M9 5.4v.1",
        "upload": "M9 12V2.5M5 6.2l4-3.7 4 3.7M2.5 11.5v4h13v-4",
        "download": "M9 2.5V12M5 8.3l4 3.7 4-3.7M2.5 11.5v4h13v-4",
        "refresh": "M15 9a6 6 0 1 1-1.8-4.3M15.2 2v3.5h-3.5",
        "undo": "M6 3.5 2.5 7 6 10.5M2.5 7h8a4 4 0 0 1 0 8H6",
        "edit": "M3 15l.8-3.5L12 3.3l2.7 2.7-8.2 8.2zM10.3 5l2.7 2.7",
        "copy": "M6 6h9v9.5H6zM12 6V2.5H3V12h3",
        "trash": "M3 5h12M7 5V2.5h4V5M4.5 5l.8 10.5h7.4L13.5 5",
        "lock": "M4 8h10v7.5H4zM6 8V5.5a3 3 0 0 1 6 0V8",
        "unlock": "M4 8h10v7.5H4zM6 8V5.5a3 3 0 0 1 5.8-1",
        "person": "M9 8.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM3 15.5c.4-3 2.8-4.5 6-4.5s5.6 1.5 6 4.5",
        "people": "M6.5 8.5a2.7 2.7 0 1 0 0-5.4 2.7 2.7 0 0 0 0 5.4zM1.5 15c.3-2.7 2.2-4 5-4s4.7 1.3 5 4M12 3.3a2.6 2.6 0 0 1 0 5M13.5 11.2c1.8.5 2.8 1.8 3 3.8",
        "company": "M3 15.5V3h7v12.5M10 7h5v8.5M1.5 15.5h15M5.5 6h2M5.5 9h2M5.5 12h2M12.5 10v.1M12.5 12.5v.1",
        "calendar": "M2.5 4h13v11.5h-13zM2.5 7.5h13M6 2v3.5M12 2v3.5",
        "clock": "M9 16A7 7 0 1 0 9 2a7 7 0 0 0 0 14zM9 5v4.3l3 1.7",
        "file": "M4 2.5h6.5L14 6v9.5H4zM10.5 2.5V6H14",
        "link": "M7.5 10.5l3-3M8 5.5l2-2a3 3 0 0 1 4.5 4.5l-2 2M10 12.5l-2 2A3 3 0 0 1 3.5 10l2-2",
        "key": "M12 9.5A3.5 3.5 0 1 0 8.8 7.5L2.5 13.8v1.7h3v-2h2v-2l1.6-1.6c.8.5 1.8.6 2.9-.4zM12.5 5.5v.1",
        "keyboard": "M1.5 4.5h15v9h-15zM4.5 7.5h.01M7.5 7.5h.01M10.5 7.5h.01M13.5 7.5h.01M6 10.8h6",
        "filter": "M2.5 3.5h13L10.5 9.5v5l-3-1.5V9.5z",
        "sun": "M9 12a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM9 1.5V3M9 15v1.5M1.5 9H3M15 9h1.5M3.7 3.7l1 1M13.3 13.3l1 1M3.7 14.3l1-1M13.3 4.7l1-1",
        "moon": "M14.5 10.8A6 6 0 0 1 7.2 3.5a6.2 6.2 0 1 0 7.3 7.3z",
        "half": "M9 16A7 7 0 1 0 9 2a7 7 0 0 0 0 14zM9 2v14M9 5l4.5 0M9 9h7M9 13h4.5",
        "globe": "M9 16A7 7 0 1 0 9 2a7 7 0 0 0 0 14zM2 9h14M9 2c-4 4-4 10 0 14M9 2c4 4 4 10 0 14",
        "exit": "M7 2.5H3v13h4M11.5 5.5 15 9l-3.5 3.5M15 9H6.5",
        "jobs": "M9 2.5v3M9 12.5v3M2.5 9h3M12.5 9h3M4.4 4.4l2.1 2.1M11.5 11.5l2.1 2.1M4.4 13.6l2.1-2.1M11.5 6.5l2.1-2.1",
        "rail": "M2.5 3h13v12h-13zM6.5 3v12M12 7l-2 2 2 2",
        "zoom-in": "M7.75 13a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5zM11.6 11.6l4 4M5.5 7.75H10M7.75 5.5V10",
        "zoom-out": "M7.75 13a5.25 5.25 0 1 0 0-10.5 5.25 5.25 0 0 0 0 10.5zM11.6 11.6l4 4M5.5 7.75H10",
        "rotate": "M3 9a6 6 0 1 0 1.8-4.3M2.8 2v3.5h3.5",
        "split": "M2.5 9h3M12.5 9h3M7.5 9h3M4 2.5h10v4H4zM4 11.5h10v4H4z",
        "eye": "M1.5 9C4 5 6.5 3.8 9 3.8S14 5 16.5 9C14 13 11.5 14.2 9 14.2S4 13 1.5 9zM9 11.3a2.3 2.3 0 1 0 0-4.6 2.3 2.3 0 0 0 0 4.6z",
        "tile": "M9 9C9 5 6 2.5 2.5 2.5 2.5 6 5 9 9 9zM9 9c4 0 6.5-3 6.5-6.5C12 2.5 9 5 9 9zM9 9c-4 0-6.5 3-6.5 6.5C6 15.5 9 13 9 9zM9 9c0 4 3 6.5 6.5 6.5C15.5 12 13 9 9 9z",
    }
)

#: The shape of a state, drawn on 12 px: a state is told by its word and shape, colour only underlines it.
SHAPES = MappingProxyType(
    {
        "new": '<path d="M6 1.2 10.8 6 6 10.8 1.2 6z" fill="currentColor"/>',
        "wait": '<circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" stroke-width="1.5"/>',
        "work": '<circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        '<path d="M6 1.8a4.2 4.2 0 0 1 0 8.4z" fill="currentColor"/>',
        "doubt": '<path d="M6 1 11.3 10.5H.7z" fill="currentColor"/>',
        "ready": '<circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" stroke-width="1.5"/>'
        '<circle cx="6" cy="6" r="1.9" fill="currentColor"/>',
        "done": '<path d="M1.8 6.5 4.8 9.4 10.2 2.8" fill="none" stroke="currentColor" stroke-width="1.9"/>',
        "fail": '<path d="M2.3 2.3 9.7 9.7M9.7 2.3 2.3 9.7" fill="none" stroke="currentColor" stroke-width="1.9"/>',
        "off": '<path d="M2 6h8" fill="none" stroke="currentColor" stroke-width="1.7"/>',
    }
)
