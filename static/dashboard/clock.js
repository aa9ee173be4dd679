// The account's clock: the header's badge shows it, and each `<time data-due>` counts down to a moment on it. What it shows follows
// from the badge's figures, which the socket keeps true: data-shown at data-real (real time), and data-speed since.
(() => {
  "use strict";
  const TICK = 200, CALM_TICK = 10_000;
  const find = (selector) => document.querySelector(selector);
  const all = (selector) => document.querySelectorAll(selector);
  if (!find("#clock")) return;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const two = (number) => String(number).padStart(2, "0");
  const put = (element, text) => element && element.textContent !== text && (element.textContent = text);

  // A server on another machine may have another idea of real time: its own at the moment when the figures came is among them.
  let drawnAt = "", skew = 0, word = find("#clock").dataset.word;
  const loadedAt = performance.timeOrigin + (performance.getEntriesByType("navigation")[0]?.responseStart ?? 0);
  function real() {
    const { now } = find("#clock").dataset;
    if (now !== drawnAt) {
      skew = Number(now) - (drawnAt ? Date.now() : loadedAt) / 1000;
      if (Math.abs(skew) < 1) skew = 0;
      drawnAt = now;
    }
    return Date.now() / 1000 + skew;
  }
  function shown() {
    const { speed, shown, real: since } = find("#clock").dataset;
    return Number(shown) + (real() - Number(since)) * Number(speed);
  }

  const time = (at) => `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const day = (at) => at.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", year: "numeric" });
  const dayAndTime = (at) => `${at.toLocaleDateString("en-GB", { day: "numeric", month: "short" })} ${time(at)}`;

  // The same words as in account_time.py.
  function countdown(seconds) {
    const whole = Math.ceil(seconds);
    if (whole < 60) return `${whole} s`;
    if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
    if (whole < 86400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
    return `${Math.floor(whole / 86400)} d ${Math.floor((whole % 86400) / 3600)} h`;
  }
  function span(seconds) {
    if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
    return countdown(Math.round(seconds));
  }
  function left(element, now, speed) {
    const seconds = Number(element.dataset.due) - now;
    if (seconds <= 0) return "now";
    if (calm.matches) return `at ${time(new Date(Number(element.dataset.due) * 1000))}`;
    const text = countdown(seconds);
    if (element.dataset.dueForm === "short" || speed === 1) return text;
    return speed ? `${text}, ${span(seconds / speed)} real` : `${text}, paused`;
  }

  function tick() {
    if (document.hidden || document.documentElement.hasAttribute("data-paused")) return;
    const now = shown(), at = new Date(now * 1000), reality = new Date(real() * 1000);
    const isToday = at.toDateString() === reality.toDateString();
    put(find("#clock [data-clock]"), calm.matches ? time(at).slice(0, 5) : isToday ? time(at) : dayAndTime(at));
    put(find("[data-clock=full]"), time(at));
    put(find("[data-clock-day]"), day(at));
    put(find("[data-clock=real]"), time(reality));
    const speed = Number(find("#clock").dataset.speed);
    for (const element of all("time[data-due]")) put(element, left(element, now, speed));
  }
  setInterval(() => calm.matches || tick(), TICK);
  setInterval(() => calm.matches && tick(), CALM_TICK);
  document.addEventListener("visibilitychange", tick);
  document.addEventListener("htmx:after:swap", () => {
    tick();
    if (find("#clock").dataset.word === word) return;
    word = find("#clock").dataset.word;
    window.playground.say(word === "paused" ? "The clock is paused." : `The clock: ${word}.`);
  });
  tick();
})();
