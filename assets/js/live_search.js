// Search as one types: the form is sent into its frame a moment after the last key. Turbo keeps the address in step and
// drops an answer that a newer question has overtaken.
const PAUSE_MS = 120;
let timer;

function send(form) {
  clearTimeout(timer);
  form.requestSubmit();
}

document.addEventListener("input", ({ target }) => {
  const form = target.form;
  if (!form?.matches("[data-live-search]") || target.type !== "search") return;
  clearTimeout(timer);
  timer = setTimeout(send, PAUSE_MS, form);
});

// What was left empty stays out of the address.
document.addEventListener("formdata", ({ target, formData }) => {
  if (!target.matches("[data-live-search]")) return;
  for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
});

document.addEventListener("change", ({ target }) => {
  if (target.matches("select") && target.form?.matches("[data-live-search]")) send(target.form);
});
