// The number at the bell follows what the live updates tell. What it is, the page asks; the stream says only "look".
const bell = () => document.querySelector("[data-bell]");

async function renew() {
  const shown = bell();
  if (!shown) return;
  const answer = await fetch(shown.dataset.bell, { headers: { Accept: "text/html" } }).catch(() => undefined);
  if (!answer?.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-bell]");
  if (fresh && shown === bell() && fresh.outerHTML !== shown.outerHTML) {
    shown.replaceChildren(...fresh.childNodes);
    shown.setAttribute("aria-label", fresh.getAttribute("aria-label"));
  }
}

document.addEventListener("kontor:bell", renew);
