// A notice goes after six seconds, unless someone is reading it with pointer or focus.
const STAYS_MS = 6000;
let timer;

function leave(toast) {
  toast.classList.add("toast-leaving");
  setTimeout(() => toast.remove(), 200);
}

function watch() {
  clearTimeout(timer);
  const toast = document.querySelector("[data-toast]");
  if (!toast) return;
  timer = setTimeout(() => (toast.matches(":hover, :focus-within") ? watch() : leave(toast)), STAYS_MS);
}

document.addEventListener("turbo:load", watch);
document.addEventListener("turbo:render", watch);
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-toast-close]")) leave(target.closest("[data-toast]"));
});
