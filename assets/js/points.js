// Phones, mails and addresses of a form: add a row, take a new row away, ask the phone for the right keyboard.
const KEYBOARDS = { phone: "tel", email: "email", web: "url" };

function setKeyboard(row) {
  const kind = row.querySelector("select").value;
  row.querySelector(".point-value").inputMode = KEYBOARDS[kind] ?? "text";
}

function add(button) {
  const section = button.closest("[data-points]");
  const list = section.querySelector("[data-point-list]");
  const taken = [...section.querySelectorAll("[name^=points-]")].map((input) => Number(input.name.split("-")[1]));
  const row = section.querySelector("[data-point-template]").content.firstElementChild.cloneNode(true);
  const index = String(Math.max(-1, ...taken.filter(Number.isInteger)) + 1);
  for (const input of row.querySelectorAll("[name]")) input.name = input.name.replace("__index__", index);
  row.dataset.new = "";
  row.querySelector("select").value = button.value;
  setKeyboard(row);
  list.append(row);
  [...row.querySelectorAll("input.input")].find((input) => input.checkVisibility())?.focus();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-point-add]");
  if (!button) return;
  event.preventDefault();
  add(button);
});

document.addEventListener("change", ({ target }) => {
  const row = target.closest("[data-point]");
  if (!row) return;
  if (target.matches("select")) setKeyboard(row);
  if (target.matches("[name$=-remove]") && "new" in row.dataset) {
    row.closest("[data-points]").querySelector("[data-point-add]").focus();
    row.remove();
  }
});
