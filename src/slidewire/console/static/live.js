// Brings a page up to date while it changes. Without this file the link "Refresh" does the same.
"use strict";
(() => {
  const every = 4000;
  const here = () => document.querySelector("[data-live]");
  async function look() {
    if (document.hidden || !here()) return;
    try {
      const answer = await fetch(location.href, { headers: { "slidewire-live": "1" }, redirect: "error" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const part = fresh.querySelector("#live");
      if (part) document.querySelector("#live").replaceChildren(...part.childNodes);
      const still = fresh.querySelector("[data-live]");
      if (!still) clearInterval(timer);
    } catch {
      // the next look may fare better
    }
  }
  const timer = here() ? setInterval(look, every) : 0;
})();
