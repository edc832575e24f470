// "@" and a few letters offer the people of the firm below the text, and Enter takes the first; without this file a name
// is simply typed.
const MOST = 6;
const WANTED = /(?<![\p{L}\p{N}_])@([\p{L}\p{N}-]*(?: [\p{L}\p{N}-]*)?)$/u;

const listOf = (text) => text.parentElement.querySelector(".mention-list");
const before = (text) => text.value.slice(0, text.selectionStart);

function close(text) {
  listOf(text)?.remove();
  text.removeAttribute("aria-controls");
}

// By address; asked for once a page, when somebody types the first "@".
const known = new Map();

async function load(url) {
  const answer = await fetch(url).catch(() => undefined);
  if (!answer?.ok || answer.redirected) {
    known.delete(url);
    return [];
  }
  const options = new DOMParser().parseFromString(await answer.text(), "text/html").querySelectorAll("option");
  return [...options].map((option) => option.value);
}

function names(text) {
  const url = text.dataset.mentions;
  if (!known.has(url)) known.set(url, load(url));
  return known.get(url);
}

const wantedIn = (text) => WANTED.exec(before(text))?.[1].toLowerCase();

function put(text, name) {
  const written = before(text).replace(WANTED, `@${name} `);
  const after = text.value.slice(text.selectionStart);
  text.value = written + after;
  text.setSelectionRange(written.length, written.length);
  close(text);
  text.focus();
}

async function offer(text) {
  close(text);
  if (wantedIn(text) === undefined) return;
  const people = await names(text);
  close(text);
  const wanted = wantedIn(text);
  if (wanted === undefined) return;
  const found = people.filter((name) => ` ${name.toLowerCase()}`.includes(` ${wanted}`)).slice(0, MOST);
  if (!found.length || found.some((name) => `${name.toLowerCase()} ` === `${wanted} ` && wanted)) return;
  const list = document.createElement("div");
  list.className = "mention-list";
  list.id = "mention-list";
  list.setAttribute("role", "group");
  for (const name of found) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "pill";
    button.textContent = `@${name}`;
    button.addEventListener("click", () => put(text, name));
    list.append(button);
  }
  text.after(list);
  text.setAttribute("aria-controls", list.id);
}

document.addEventListener("input", ({ target }) => {
  if (target.matches("textarea[data-mentions]")) offer(target);
});

// Enter takes the first of the list; Down goes into it, the arrows through it, Escape back to the text.
document.addEventListener("keydown", (event) => {
  const text = event.target.matches("textarea[data-mentions]") ? event.target : null;
  const list = text ? listOf(text) : event.target.closest(".mention-list");
  if (!list) return;
  const stops = [...list.querySelectorAll("button")];
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === "Escape") {
    event.preventDefault();
    const back = list.previousElementSibling;
    close(back);
    back.focus();
  } else if (text && event.key === "Enter" && !(event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing)) {
    event.preventDefault();
    stops[0].click();
  } else if (text && event.key === "ArrowDown") {
    event.preventDefault();
    stops[0].focus();
  } else if (!text && step) {
    event.preventDefault();
    stops[(stops.indexOf(document.activeElement) + step + stops.length) % stops.length].focus();
  }
});

document.addEventListener("turbo:load", () => known.clear());
document.addEventListener("turbo:before-cache", () => document.querySelector(".mention-list")?.remove());
