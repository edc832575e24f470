// What Turbo leaves to us when one page replaces another.
import { config } from "@hotwired/turbo";

config.drive.progressBarDelay = 200;

// Turbo replaces head and body, but not the attributes of <html>: the colours would stay those of the old page.
document.addEventListener("turbo:before-render", ({ detail }) => {
  const { theme } = detail.newBody.ownerDocument.documentElement.dataset;
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
});

// Turbo and the browser would both act on autofocus, and the browser complains of coming second. So we do it.
document.addEventListener("turbo:before-render", ({ detail }) => {
  for (const element of detail.newBody.querySelectorAll("[autofocus]")) {
    element.removeAttribute("autofocus");
    element.dataset.focus = "";
  }
});
document.addEventListener("turbo:render", () => document.querySelector("[data-focus]")?.focus());

// A frame that asks for rows and gets another page (login after the session ended, an error) shows that page whole.
document.addEventListener("turbo:frame-missing", (event) => {
  event.preventDefault();
  event.detail.visit(event.detail.response);
});

// The address may have changed since the form was rendered (live search), so it is read when the form is sent.
document.addEventListener("submit", ({ target }) => {
  if (target.matches("[data-preference]")) target.elements.next.value = location.pathname + location.search;
}, true);

// An answer that a newer question has overtaken is let go of while it is being read: nobody's error.
addEventListener("unhandledrejection", (event) => {
  if (event.reason?.name === "AbortError") event.preventDefault();
});
