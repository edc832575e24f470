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

const record = (page = document) => page.querySelector("[data-live-record]");

function address() {
  const base = document.body.dataset.live;
  const shown = record();
  return base && shown && !document.hidden ? `${base}?record=${shown.dataset.liveRecord}` : "";
}

function close() {
  clearTimeout(retry);
  source?.close();
  source = undefined;
  listensTo = "";
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
    if (wasAway) look(SPREAD_MS * Math.random());
    wasAway = false;
  });
  source.addEventListener("changed", ({ data }) => isNews(data) && look(COLLECT_MS));
  source.addEventListener("missed", () => look(SPREAD_MS * Math.random()));
  source.addEventListener("over", comeBackLater);
  source.addEventListener("error", () => {
    wasAway = true;
    if (source?.readyState === EventSource.CLOSED) comeBackLater();
  });
}

function comeBackLater() {
  wasAway = true;
  close();
  retry = setTimeout(follow, pause * (1 + Math.random()));
  pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
}

// A version that is shown already is our own change, or one that came with the page.
const isNews = (version) => version === "" || Number(version) > Number(record()?.dataset.liveVersion ?? 0);

function look(delay) {
  clearTimeout(looking);
  looking = setTimeout(compare, delay);
}

async function compare() {
  const shown = record();
  if (!shown || sending) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = record(page);
  if (!fresh || shown !== record() || sending || fresh.dataset.liveRecord !== shown.dataset.liveRecord) return;
  const isElse = fresh.dataset.liveVersion !== shown.dataset.liveVersion || differs(shown, fresh, "[data-live-facts]");
  if (isElse || !renewHistory(shown, fresh)) showBar(shown);
}

const text = (page, part) => page.querySelector(part)?.textContent.replace(/\s+/g, " ");
const differs = (shown, fresh, part) => text(shown, part) !== text(fresh, part);

// Answers false where somebody is at work in it.
function renewHistory(shown, fresh) {
  const part = "[data-live-history]";
  if (!differs(shown, fresh, part)) return true;
  const [history, renewed] = [shown.querySelector(part), fresh.querySelector(part)];
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
addEventListener("pagehide", close);
addEventListener("pageshow", follow);
document.addEventListener("visibilitychange", () => {
  wasAway = true;
  follow();
});
