// Keys: "/" or Ctrl-K search, j and k go through rows, e edits, n makes new, ? shows the keys.
const isTyping = (element) => element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const isVisible = (element) => element.checkVisibility();

function search() {
  const boxes = [...document.querySelectorAll("[data-search-box], [data-live-search] input[type=search]")];
  const box = boxes.find(isVisible);
  box?.focus();
  box?.select();
  // With nothing typed yet the box shows where one can go.
  if (box?.matches("[data-search-box]")) box.dispatchEvent(new Event("input", { bubbles: true }));
}

function goToRow(step) {
  const rows = [...document.querySelectorAll("main [data-row]")];
  const here = rows.indexOf(document.activeElement);
  const next = here < 0 && step < 0 ? rows.length - 1 : Math.min(Math.max(here + step, 0), rows.length - 1);
  rows[next]?.focus();
  rows[next]?.scrollIntoView({ block: "nearest" });
}

function press(key) {
  [...document.querySelectorAll(`[data-key="${key}"]`)].find(isVisible)?.click();
}

const meanings = {
  "/": search,
  j: () => goToRow(1),
  k: () => goToRow(-1),
  e: () => press("e"),
  n: () => press("n"),
  "?": () => document.getElementById("keys")?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return search();
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
  if (!Object.hasOwn(meanings, event.key)) return;
  event.preventDefault();
  meanings[event.key]();
});

document.addEventListener("click", ({ target }) => {
  if (target.matches("dialog")) target.close();
});

function nameCommandKey() {
  const isApple = /Mac|iPhone|iPad/.test(navigator.userAgent);
  for (const hint of document.querySelectorAll("[data-command-key]")) hint.textContent = isApple ? "⌘K" : "Ctrl K";
}
document.addEventListener("turbo:load", nameCommandKey);
