// SPDX-License-Identifier: AGPL-3.0-or-later
// Shows who is found while a search is typed. Pages work without it: the form is sent by its button.
const form = document.getElementById("search");
const field = form.elements.q;
let waiting = 0;
let last = field.value;
const look = async () => {
  const words = field.value.trim();
  if (words === last.trim() || words.length === 1) return;
  last = words;
  const given = [...new FormData(form)].filter(([, value]) => value !== "");
  const address = `/people?${new URLSearchParams(given)}`;
  const answer = await fetch(address, { headers: { Accept: "text/html" } }).catch(() => null);
  // Whoever typed on meanwhile waits for the next answer; what is refused (too often) leaves the page as it is.
  if (!answer || !answer.ok || words !== field.value.trim()) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.getElementById("found");
  if (!found) return;
  document.getElementById("found").replaceWith(found);
  history.replaceState(null, "", address);
};
field.addEventListener("input", () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, 400);
});
