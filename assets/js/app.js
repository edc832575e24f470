// Everything a page can do works without this file; here it becomes quicker. Each module listens on the document, so it
// survives the page changes of Turbo.
import "@hotwired/turbo";
import "./page_changes.js";
import "./live_search.js";
import "./quick_search.js";
import "./shortcuts.js";
import "./menus.js";
import "./toasts.js";
import "./points.js";
import "./capture.js";
import "./mentions.js";
import "./progress.js";
import "./suggestions.js";
import "./passkeys.js";
import "./uploads.js";
import "./selection.js";
import "./live.js";
import "./bell.js";
