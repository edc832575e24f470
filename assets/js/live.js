// What somebody else does shows on an open record: new history appears by itself, the rest after a press on "Show".
// The stream says only that something changed; what, the page asks as any reader would. Without it pages work as ever.
const FIRST_PAUSE_MS = 2000;
const LONGEST_PAUSE_MS = 300000;
const SPREAD_MS = 3000;
const COLLECT_MS = 300;

let source;
let listensTo = "";
let retry;
let pause = FIRST_PAUSE_MS;
let looking;
let sending = false;
let wasAway = false;

// What is open: a record, a form that changes one, or a list.
const part = (name) => (page = document) => page.querySelector(`[data-live-${name}]`);
const [record, form, list] = ["record", "form", "list"].map(part);

function address() {
  const base = document.body.dataset.live;
  if (!base || document.hidden) return "";
  const shown = (record() ?? form())?.dataset.liveGrant;
  if (shown) return `${base}?record=${shown}`;
  return list() ? `${base}?list=${list().dataset.liveList}` : base;
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = undefined;
  listensTo = "";
  told = known = "0";
}

// One stream for the record that is shown; none while nobody looks.
function follow() {
  const wanted = address();
  if (wanted === listensTo) return;
  close();
  if (!wanted) return;
  listensTo = wanted;
  source = new EventSource(wanted, { withCredentials: true });
  source.addEventListener("open", () => {
    pause = FIRST_PAUSE_MS;
    if (wasAway) {
      look(SPREAD_MS * Math.random());
      ring();
    }
    wasAway = false;
  });
  source.addEventListener("changed", ({ data }) => isNews(data) && look(COLLECT_MS));
  source.addEventListener("bell", ring);
  source.addEventListener("listed", ({ data }) => heardOf(data));
  source.addEventListener("missed", () => {
    look(SPREAD_MS * Math.random());
    setTimeout(ring, SPREAD_MS * Math.random());
  });
  source.addEventListener("over", comeBackLater);
  source.addEventListener("error", () => {
    wasAway = true;
    if (source?.readyState === EventSource.CLOSED) comeBackLater();
  });
}

const ring = () => document.dispatchEvent(new Event("kontor:bell"));

function comeBackLater() {
  wasAway = true;
  close();
  retry = setTimeout(follow, pause * (1 + Math.random()));
  pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
}

// A version that is shown already is our own change, or one that came with the page.
// A form has only the record's own fields to defend.
function isNews(version) {
  if (version === "") return Boolean(record());
  return Number(version) > Number((record() ?? form())?.dataset.liveVersion ?? 0);
}

function look(delay) {
  clearTimeout(looking);
  looking = setTimeout(compare, delay);
}

async function ask(url) {
  const answer = await fetch(url, { headers: { Accept: "text/html" } }).catch(() => undefined);
  return answer?.ok && !answer.redirected ? answer.text() : undefined;
}

async function compare() {
  if (sending) return;
  if (form()) await compareForm(form());
  else if (list()) await compareList(list());
  else if (record()) await compareRecord(record());
}

async function read(everything = false) {
  const url = new URL(location.href);
  if (everything) url.searchParams.set("panels", "all");
  const html = await ask(url);
  return html && new DOMParser().parseFromString(html, "text/html");
}

// Who it was is told by a sentence of the server's; what is being typed stays.
async function compareForm(shown) {
  const fresh = form((await read()) ?? document);
  if (!fresh || sending || Number(fresh.dataset.liveVersion) <= Number(shown.dataset.liveVersion)) return;
  const said = await ask(`${shown.dataset.liveMeanwhile}${shown.dataset.liveForm}`);
  if (said && shown === form()) shown.innerHTML = said;
}

async function compareList(shown) {
  const page = await read();
  if (page && shown === list() && differs(shown.parentNode, page, "[data-live-list] tbody")) tell(shown, "");
}

// How many the stream has told of since it began, and how many of them came with the page.
let told = "0";
let known = "0";

function heardOf(count) {
  told = count;
  if (list() && !sending && (told !== known || !told)) tell(list(), told && known ? String(told - known) : "");
}

function tell(shown, count) {
  const bar = shown.querySelector("[data-live-bar]");
  bar.hidden = false;
  const words = bar.querySelector("[data-live-text]");
  const { one, many, some } = words.dataset;
  words.textContent = count === "" ? some : count === "1" ? one : many.replace("__", count);
}

async function compareRecord(shown) {
  // Panels that were loaded later are compared where they are there by now.
  const everything = Boolean(shown.querySelector("turbo-frame#panels[complete]"));
  const page = await read(everything);
  if (!page) return;
  const fresh = record(page);
  if (!fresh || shown !== record() || sending || fresh.dataset.liveRecord !== shown.dataset.liveRecord) return;
  const isElse = fresh.dataset.liveVersion !== shown.dataset.liveVersion || differs(shown, fresh, "[data-live-facts]", everything);
  if (isElse || !renewHistory(shown, fresh)) showBar(shown);
}

function text(page, selector, everything) {
  const part = page.querySelector(selector)?.cloneNode(true);
  if (!everything) part?.querySelector("turbo-frame#panels")?.remove();
  return part?.textContent.replace(/\s+/g, " ").trim();
}
const differs = (shown, fresh, selector, everything = true) =>
  text(shown, selector, everything) !== text(fresh, selector, everything);

// Answers false where somebody is at work in it.
function renewHistory(shown, fresh) {
  const selector = "[data-live-history]";
  if (!differs(shown, fresh, selector)) return true;
  const [history, renewed] = [shown.querySelector(selector), fresh.querySelector(selector)];
  const typed = [...history.querySelectorAll("input, textarea")].some((field) => field.value !== field.defaultValue);
  if (typed || history.contains(document.activeElement)) return false;
  history.replaceChildren(...renewed.childNodes);
  return true;
}

// Filled in when it appears, so that it is read out.
function showBar(shown) {
  const bar = shown.querySelector("[data-live-bar]");
  if (!bar.hidden) return;
  bar.hidden = false;
  const words = bar.querySelector("[data-live-text]");
  words.textContent = words.dataset.text;
}

// What somebody was writing is still there when the new state is.
let kept = "";
const box = () => document.querySelector("[data-capture] textarea");

document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-live-show]")) kept = box()?.value ?? "";
});
document.addEventListener("turbo:load", () => {
  if (kept && box() && !box().value) box().value = kept;
  kept = "";
});

document.addEventListener("turbo:submit-start", () => { sending = true; });
document.addEventListener("turbo:submit-end", () => { sending = false; });
document.addEventListener("turbo:load", follow);
document.addEventListener("turbo:render", follow);
for (const event of ["turbo:load", "turbo:render", "turbo:frame-render"]) document.addEventListener(event, () => { known = told; });
addEventListener("pagehide", close);
addEventListener("pageshow", follow);
document.addEventListener("visibilitychange", () => {
  wasAway = true;
  follow();
});
