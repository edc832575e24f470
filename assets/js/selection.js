// Selected rows of a list: how many, all of the page at once, x for the row that has the focus. Choosing and sending work without.
const boxes = () => [...document.querySelectorAll('input[form="selection"][name="id"]')];

function tell() {
  const bar = document.querySelector("[data-selection]");
  if (!bar) return;
  const all = boxes();
  const checked = all.filter((box) => box.checked).length;
  const count = bar.querySelector("[data-one]");
  count.textContent = checked === 1 ? count.dataset.one : count.dataset.many.replace("__", checked);
  const head = document.querySelector("[data-select-page]");
  head.hidden = false;
  const box = head.querySelector("input");
  box.checked = checked === all.length;
  box.indeterminate = checked > 0 && checked < all.length;
}

document.addEventListener("change", ({ target }) => {
  if (target.closest("[data-select-page]")) for (const box of boxes()) box.checked = target.checked;
  if (target.closest("[data-select-page]") || target.form?.matches("[data-selection]")) tell();
});

document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!document.activeElement?.matches("main [data-row]")) return;
  document.activeElement.closest("tr")?.querySelector('input[name="id"]')?.click();
});

document.addEventListener("turbo:load", tell);
document.addEventListener("turbo:frame-load", tell);
