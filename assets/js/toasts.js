// A notice with a way back stays until it is closed, and goes along to one more page: it may be the only way back. Another
// one goes after six seconds, unless someone is reading it with pointer or focus.
const STAYS_MS = 6000;
let timer;
let goesAlong;

const shown = () => document.querySelector("[data-toast]");

function leave(toast) {
  toast.classList.add("toast-leaving");
  setTimeout(() => toast.remove(), 200);
}

function watch() {
  clearTimeout(timer);
  const toast = shown();
  if (!toast || toast.querySelector("form")) return;
  timer = setTimeout(() => (toast.matches(":hover, :focus-within") ? watch() : leave(toast)), STAYS_MS);
}

// Turbo takes the notice off the page that it keeps, before it shows the next one.
function remember() {
  const toast = shown();
  if (toast) goesAlong = toast.matches("[data-toast-old], .toast-leaving") || !toast.querySelector("form") ? undefined : toast;
}

document.addEventListener("turbo:before-cache", remember);
document.addEventListener("turbo:before-render", ({ detail }) => {
  remember();
  if (goesAlong && !detail.newBody.querySelector("[data-toast]")) {
    const toast = detail.newBody.ownerDocument.importNode(goesAlong, true);
    toast.dataset.toastOld = "";
    detail.newBody.append(toast);
  }
  goesAlong = undefined;
});

document.addEventListener("turbo:load", watch);
document.addEventListener("turbo:render", watch);
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-toast-close]")) leave(target.closest("[data-toast]"));
});
document.addEventListener("submit", ({ target }) => {
  const toast = target.closest("[data-toast]");
  if (toast) toast.dataset.toastOld = "";
});
