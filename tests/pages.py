"""Reading a page as a browser does: what its main form would send if nothing was touched."""

from __future__ import annotations

from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self._inside = False
        self._select: str | None = None
        self._text: str | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        name = found.get("name", "")
        match tag:
            case "form":
                self._inside = "data-form" in found
            case "input" if self._inside and name and found.get("type") not in {"checkbox", "radio", "file"}:
                self.values[name] = found.get("value", "")
            case "input" if self._inside and name and "checked" in found:
                self.values[name] = found.get("value", "on")
            case "select" if self._inside:
                self._select = name
            case "option" if self._select:
                if "selected" in found or self._select not in self.values:
                    self.values[self._select] = found.get("value", "")
            case "textarea" if self._inside:
                self._text, self.values[name] = name, ""

    def handle_data(self, data: str) -> None:
        if self._text:
            self.values[self._text] += data

    def handle_endtag(self, tag: str) -> None:
        match tag:
            case "form":
                self._inside = False
            case "select":
                self._select = None
            case "textarea":
                self._text = None


def form_values(page: str) -> dict[str, str]:
    """By name, without the CSRF token (the visitor adds its own) and the rows that JavaScript would clone."""
    form = _Form()
    form.feed(page)
    return {name: value for name, value in form.values.items() if name != "csrf_token" and "__index__" not in name}
