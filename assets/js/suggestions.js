// Fields that name a record: what the typed words may mean is offered below, a moment after the last key.
const PAUSE_MS = 150;
const MIN_LETTERS = 2;
let timer;

async function suggest(input) {
  const url = new URL(input.dataset.suggest, location.href);
  url.searchParams.set("q", input.value);
  const answer = await fetch(url);
  // What was chosen from the list needs no other list.
  if (answer.ok && !answer.redirected) input.list.innerHTML = await answer.text();
}

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-suggest]")) return;
  clearTimeout(timer);
  const isChosen = [...target.list.options].some((option) => option.value === target.value);
  if (!isChosen && target.value.trim().length >= MIN_LETTERS) timer = setTimeout(suggest, PAUSE_MS, target);
});
