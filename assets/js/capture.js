// Ctrl-Enter keeps what was written, from any form with one text in it.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest("[data-capture], [data-form]");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});
