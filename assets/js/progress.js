// Long work shows how far it is: its frame asks again until the server answers with another page, which is then shown.
const EVERY_MS = 1000;

setInterval(() => {
  if (document.hidden) return;
  for (const frame of document.querySelectorAll("turbo-frame[data-progress]:not([busy]):not(:has([data-over]))")) {
    // Whoever goes on to another page meanwhile waits for no answer.
    if (frame.src) frame.reload()?.catch((error) => { if (error.name !== "AbortError") throw error; });
    else frame.src = location.href;
  }
}, EVERY_MS);
