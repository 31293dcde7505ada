// Keeps the page fresh: asks for the inbox's version and swaps <main> when there is a newer one.
"use strict";

const PAUSE = 1500;

function localTimes(root) {
  for (const time of root.querySelectorAll("time")) {
    const short = time.closest(".clock") ? {} : { second: "2-digit" };
    const form = { hour: "2-digit", minute: "2-digit", hour12: false, ...short };
    time.textContent = new Date(time.dateTime).toLocaleTimeString([], form);
  }
}

// What the reader has opened, scrolled to or is playing must survive the swap.
function busy() {
  const playing = [...document.querySelectorAll("video, audio")].some((player) => !player.paused);
  return playing || document.activeElement instanceof HTMLInputElement;
}

function swap(fresh) {
  const now = document.getElementById("live");
  for (const details of now.querySelectorAll("details[open]")) {
    fresh.querySelector("#" + details.id)?.setAttribute("open", "");
  }
  now.replaceWith(fresh);
  settle();
}

function toNewest() {
  const thread = document.querySelector(".thread");
  if (thread) thread.scrollTop = thread.scrollHeight;
}

function settle() {
  toNewest();
  // Pictures get their height late.
  for (const picture of document.querySelectorAll(".thread img")) picture.addEventListener("load", toNewest);
  localTimes(document);
}

async function look() {
  const { version } = await (await fetch("/api/version")).json();
  if (String(version) === document.body.dataset.version || busy()) return;
  const text = await (await fetch(location.pathname)).text();
  const page = new DOMParser().parseFromString(text, "text/html");
  document.body.dataset.version = page.body.dataset.version;
  swap(page.getElementById("live"));
}

async function setChaos(panel) {
  const percents = {};
  for (const input of panel.querySelectorAll("input")) {
    const percent = Number(input.value);
    if (percent > 0) percents[input.name] = Math.min(100, percent);
  }
  await fetch("/api/chaos", { method: "PUT", body: JSON.stringify(percents) });
}

document.addEventListener("change", (event) => {
  const panel = event.target.closest("[data-chaos]");
  if (panel) setChaos(panel);
});

document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-clear]")) return;
  await fetch("/api/messages", { method: "DELETE" });
  await fetch("/api/sms", { method: "DELETE" });
  await look();
});

async function watch() {
  try {
    await look();
  } catch {
    // The simulator is away; it may come back.
  }
  setTimeout(watch, document.hidden ? PAUSE * 4 : PAUSE);
}

settle();
setTimeout(watch, PAUSE);
