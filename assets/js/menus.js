// Menus are <details>: they open without us; we close them when attention goes elsewhere.
const openMenus = () => document.querySelectorAll("details[data-menu][open]");

function closeAll(except) {
  for (const menu of openMenus()) if (!menu.contains(except)) menu.open = false;
}

document.addEventListener("click", ({ target }) => closeAll(target));
document.addEventListener("focusin", ({ target }) => closeAll(target));
document.addEventListener("turbo:before-cache", () => closeAll(null));

document.addEventListener("keydown", (event) => {
  const [menu] = openMenus();
  if (!menu) return;
  if (event.key === "Escape") {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const stops = [...menu.querySelectorAll(".menu-list a, .menu-list button")];
  const here = stops.indexOf(document.activeElement);
  stops[(here + step + stops.length) % stops.length]?.focus();
});

// On a wide screen the style shows the facts of a record open; here they are, also for browsers whose style cannot do that
// and for whoever hears the page.
function unfold(body) {
  if (matchMedia("(width <= 1000px)").matches) return;
  for (const facts of body.querySelectorAll("details[data-fold]")) facts.open = true;
}
unfold(document);
document.addEventListener("turbo:before-render", ({ detail }) => unfold(detail.newBody));
