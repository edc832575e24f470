// Files on a record: chosen or dropped, they are sent at once. Files that are too large are never sent: the server's answer
// would take the place of the page, and of all that was typed on it.
const all = (input) => [...input.files].reduce((sum, file) => sum + file.size, 0);

function fits(input) {
  document.getElementById(`${input.name}-too-large`)?.remove();
  input.removeAttribute("aria-invalid");
  if (!input.dataset.mostBytes || all(input) <= Number(input.dataset.mostBytes)) return true;
  const said = document.createElement("p");
  said.className = "field-error";
  said.id = `${input.name}-too-large`;
  said.setAttribute("role", "alert");
  said.textContent = input.dataset.tooLarge;
  (input.closest("[data-upload]") ?? input).after(said);
  input.value = "";
  input.setAttribute("aria-invalid", "true");
  return false;
}

// A form that comes back, as where a name is not clear, has its files still. Where the next page follows, nothing is kept.
let sent = [];

document.addEventListener("turbo:submit-start", ({ target }) => {
  sent = [...target.querySelectorAll("[type=file]")].filter((input) => input.files.length && target.matches("[data-form]"));
});

document.addEventListener("turbo:visit", () => {
  sent = [];
});

document.addEventListener("turbo:render", () => {
  for (const { name, files } of sent) {
    const input = document.querySelector(`[data-form] [type=file][name="${name}"]:not([aria-invalid="true"])`);
    if (input) input.files = files;
  }
  sent = [];
});

document.addEventListener("change", ({ target }) => {
  if (!target.matches("[type=file]") || !fits(target)) return;
  if (target.matches("[data-upload] *") && target.files.length) target.form.requestSubmit();
});

function zone(event) {
  return event.dataTransfer?.types.includes("Files") ? document.querySelector("[data-upload]") : null;
}

// Anywhere on the page: beside the box a browser would open the file in the place of the page.
document.addEventListener("dragover", (event) => {
  const form = zone(event);
  if (!form) return;
  event.preventDefault();
  form.classList.add("is-over");
});

document.addEventListener("dragleave", (event) => {
  if (!event.relatedTarget) document.querySelector("[data-upload]")?.classList.remove("is-over");
});

document.addEventListener("drop", (event) => {
  const form = zone(event);
  if (!form) return;
  event.preventDefault();
  form.classList.remove("is-over");
  form.elements.file.files = event.dataTransfer.files;
  if (fits(form.elements.file)) form.requestSubmit();
});
