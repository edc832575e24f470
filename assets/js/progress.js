// Long work shows how far it is: its frame asks again until the server answers with another page, which is then shown.
const EVERY_MS = 1000;

setInterval(() => {
  if (document.hidden) return;
  for (const frame of document.querySelectorAll("turbo-frame[data-progress]:not([busy]):not(:has([data-over]))")) {
    if (frame.src) frame.reload();
    else frame.src = location.href;
  }
}, EVERY_MS);
