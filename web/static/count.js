// SPDX-License-Identifier: AGPL-3.0-or-later
// Shows how many characters a composer has left once a fifth of the limit remains. Pages work without it.
for (const area of document.querySelectorAll("textarea[data-limit]")) {
  const output = area.form.querySelector("output");
  const limit = Number(area.dataset.limit);
  const show = () => {
    // Counted as the node counts: by code points, not by UTF-16 units.
    const left = limit - [...area.value].length;
    output.value = left < limit / 5 ? left.toLocaleString(document.documentElement.lang) : "";
    output.classList.toggle("over", left < 0);
  };
  area.addEventListener("input", show);
  show();
}
