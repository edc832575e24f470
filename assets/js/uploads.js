// Files on a record: chosen or dropped, they are sent at once.
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-upload] [type=file]") && target.files.length) target.form.requestSubmit();
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
  form.requestSubmit();
});
