// Long work shows how far it is: its frame asks again until the server answers with another page, which is then shown.
const EVERY_MS = 1000;
// Most of it is over before anybody has read that it has begun.
const SOON_MS = 300;

function ask() {
  if (document.hidden) return;
  for (const frame of document.querySelectorAll("turbo-frame[data-progress]:not([busy]):not(:has([data-over]))")) {
    // Whoever goes on to another page meanwhile waits for no answer.
    if (frame.src) frame.reload()?.catch((error) => { if (error.name !== "AbortError") throw error; });
    else frame.src = location.href;
  }
}

setInterval(ask, EVERY_MS);
document.addEventListener("turbo:load", () => setTimeout(ask, SOON_MS));
