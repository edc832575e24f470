// The search box of the left column shows its best hits below itself; Enter opens the page with all of them.
const PAUSE_MS = 120;
let timer;

const resultsOf = (box) => box.closest("search").querySelector("turbo-frame");

function ask(box) {
  const frame = resultsOf(box);
  const query = box.value.trim();
  frame.hidden = false;
  if (!frame.childElementCount) frame.append(box.closest("search").querySelector("[data-quick-wait]").content.cloneNode(true));
  frame.src = `${box.form.action}?${new URLSearchParams({ q: query })}`;
}

function close(box) {
  clearTimeout(timer);
  resultsOf(box).hidden = true;
}

function move(box, step) {
  const stops = [box, ...resultsOf(box).querySelectorAll("a")];
  const next = stops.indexOf(document.activeElement) + step;
  stops[(next + stops.length) % stops.length].focus();
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-search-box]")) return;
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE_MS, target);
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest(".quick-search")?.querySelector("[data-search-box]");
  if (!box || resultsOf(box).hidden) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step) move(box, step);
  if (event.key === "Escape") {
    box.focus();
    close(box);
  }
  if (step || event.key === "Escape") event.preventDefault();
});

// Newer hits replace the ones somebody is moving in: the keyboard stays on the same hit, or returns to the box.
let chosen;
document.addEventListener("turbo:before-frame-render", ({ target }) => {
  chosen = target.contains(document.activeElement) ? document.activeElement.getAttribute("href") : undefined;
});
document.addEventListener("turbo:frame-render", ({ target }) => {
  const search = target.closest(".quick-search");
  if (!search || chosen === undefined) return;
  const again = [...target.querySelectorAll("a")].find((hit) => hit.getAttribute("href") === chosen);
  (again ?? search.querySelector("[data-search-box]")).focus();
});

// It closes when attention goes elsewhere, and opens again when it comes back to a word that still stands there.
document.addEventListener("focusin", ({ target }) => {
  const box = document.querySelector("[data-search-box]");
  if (box && !box.closest("search").contains(target)) close(box);
  else if (target === box && resultsOf(box).childElementCount) resultsOf(box).hidden = false;
});
document.addEventListener("pointerdown", ({ target }) => {
  const box = document.querySelector("[data-search-box]");
  if (box && !target.closest(".quick-search")) close(box);
});
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-quick-search]")) close(target.elements.q);
});
document.addEventListener("turbo:before-cache", () => {
  const box = document.querySelector("[data-search-box]");
  if (!box) return;
  close(box);
  resultsOf(box).removeAttribute("src");
  resultsOf(box).replaceChildren();
});
