// The shell: keys, palette, menus, times, copying, appearance, each bound by data- attributes; below it the account’s clock.
(() => {
  "use strict";
  const root = document.documentElement;
  const find = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const isMac = /Mac|iP(hone|ad)/.test(navigator.platform);
  const isVisible = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.disabled;

  // One polite line of speech for the whole page, at most one sentence a second; the newest wins.
  let sayTimer = 0, saidAt = 0;
  function say(sentence) {
    clearTimeout(sayTimer);
    sayTimer = setTimeout(() => {
      saidAt = Date.now();
      find("#status").textContent = sentence;
    }, Math.max(50, saidAt + 1000 - Date.now()));
  }
  window.playground = { say, settle };

  // Times come as UTC from the server and are shown as local ones, with UTC on hover.
  const two = (number) => String(number).padStart(2, "0");
  function localTimes(from) {
    for (const element of all("time[data-time]:not([data-is-local])", from)) {
      const at = new Date(element.dateTime);
      if (isNaN(at)) continue;
      const clock = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
      const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
      const isToday = at.toDateString() === new Date().toDateString();
      element.textContent = element.dataset.time === "full" || !isToday ? `${day} ${clock}` : clock;
      element.dataset.isLocal = "";
    }
  }

  // Server-known widths and positions, in per cent: `data-left`, `data-width`. Style attributes are forbidden by the page's policy.
  function places(from) {
    for (const element of all("[data-left], [data-width]", from)) {
      if (element.dataset.left) element.style.insetInlineStart = `${element.dataset.left}%`;
      if (element.dataset.width) element.style.inlineSize = `${element.dataset.width}%`;
    }
  }

  // What the chosen one of a form's [data-rules] leaves no meaning to: <fieldset data-only-with="async">.
  function rule(from) {
    for (const part of all("[data-only-with]", from)) {
      const chosen = find("[data-rules]:checked", part.closest("form"));
      part.disabled = Boolean(chosen) && !part.dataset.onlyWith.split(" ").includes(chosen.value);
    }
  }
  document.addEventListener("change", (event) => event.target.matches("[data-rules]") && rule(event.target.form));

  // What was chosen by a button and written into a field is no longer known once somebody types there: <span data-told-by="#field">.
  document.addEventListener("input", (event) => {
    for (const choice of all("[data-told-by] > [aria-pressed=true]")) if (event.target.matches(choice.parentNode.dataset.toldBy)) choice.ariaPressed = "false";
  });

  function settle(from) {
    localTimes(from);
    places(from);
    rule(from);
    if (isMac) for (const element of all("kbd[data-mod]", from)) element.textContent = "⌘";
  }

  async function copy(button) {
    const text = button.dataset.copy || find(button.dataset.copyFrom || "_")?.textContent || "";
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // Without a secure context (plain http to another machine) there is only the old way.
      const field = document.createElement("textarea");
      field.value = text;
      field.className = "visually-hidden";
      document.body.append(field);
      field.select();
      document.execCommand("copy");
      field.remove();
      button.focus();
    }
    say("Copied");
    const use = find("use", button);
    if (!use) return;
    use.setAttribute("href", "#i-check");
    setTimeout(() => use.setAttribute("href", "#i-copy"), 1200);
  }

  // Palette: a combobox over a list that the server finds; what can be done on this page comes first.
  const palette = find("#palette"), field = find("#palette-field"), list = find("#palette-list");
  const options = () => all("[role=option]:not([aria-disabled])", list);
  function choose(option) {
    for (const other of options()) other.setAttribute("aria-selected", other === option);
    if (option) {
      field.setAttribute("aria-activedescendant", option.id);
      option.scrollIntoView({ block: "nearest" });
    } else field.removeAttribute("aria-activedescendant");
  }
  function openPalette() {
    if (palette.open) return;
    closeMenus();
    find("#help").close();
    palette.showModal();
    field.value = "";
    field.dispatchEvent(new Event("palette"));
  }
  function actionsHere(typed) {
    const words = typed.toLowerCase().split(/\s+/);
    const actions = all("[data-key], [data-action]").filter((element) => element.matches("button, a, summary") && isVisible(element) && element.dataset.action !== "palette");
    return actions.flatMap((element) => {
      const name = (element.getAttribute("aria-label") || element.innerText).replace(/\s+/g, " ").replace(/ ?(Ctrl|⌘).*$/, "").trim();
      return name && words.every((word) => name.toLowerCase().includes(word)) ? [{ element, name }] : [];
    });
  }
  function showActions() {
    find("#palette-here")?.remove();
    const actions = actionsHere(field.value);
    if (actions.length) {
      const group = document.createElement("div");
      group.id = "palette-here";
      group.setAttribute("role", "group");
      group.setAttribute("aria-label", "On this page");
      const heading = document.createElement("div");
      heading.textContent = "On this page";
      group.append(heading);
      actions.forEach(({ element, name }, index) => {
        const option = document.createElement("div");
        option.setAttribute("role", "option");
        option.id = `palette-here-${index}`;
        const text = document.createElement("span");
        text.textContent = name;
        option.append(text);
        if (element.dataset.key) {
          const key = document.createElement("kbd");
          key.textContent = element.dataset.key.replace("Mod", isMac ? "⌘" : "Ctrl");
          option.append(key);
        }
        option.addEventListener("click", () => {
          palette.close();
          element.click();
        });
        group.append(option);
      });
      const typed = field.value.trim();
      if (typed) list.append(group);
      else list.prepend(group);
    }
    choose(options()[0]);
    const count = options().length;
    say(count === 1 ? "1 found" : `${count} found`);
  }
  field.addEventListener("keydown", (event) => {
    const found = options(), at = found.findIndex((option) => option.getAttribute("aria-selected") === "true");
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 8, PageUp: at - 8 }[event.key];
    if (to !== undefined) {
      event.preventDefault();
      choose(found[event.key.startsWith("Page") ? Math.max(0, Math.min(found.length - 1, to)) : (to + found.length) % found.length]);
    } else if (event.key === "Enter" && found[at]) {
      event.preventDefault();
      found[at].click();
    }
  });
  list.addEventListener("click", (event) => event.target.closest("[hx-post]") && palette.close()); // something done, no place to go
  list.addEventListener("pointermove", (event) => {
    const option = event.target.closest("[role=option]");
    if (option && option.getAttribute("aria-selected") !== "true") choose(option);
  });
  for (const dialog of [palette, find("#help")]) {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  function closeMenus(except) {
    for (const menu of all("details[data-menu][open]")) if (menu !== except) menu.open = false;
  }

  // Keys. An element with data-key is pressed by that key; single keys never act while somebody types.
  const isTyping = (element) => element.closest("input:not([type=checkbox], [type=radio], [type=range]), textarea, select, [contenteditable=true], .cm-editor");
  function press(key) {
    const element = all(`[data-key="${CSS.escape(key)}"]`).find(isVisible);
    if (!element) return false;
    if (element.matches("input:not([type=radio], [type=checkbox]), textarea, select")) {
      element.focus();
      element.select?.();
    } else element.click();
    return true;
  }
  function nextRow(step) {
    const rows = all("[data-rows] > *").filter((row) => find("a", row) && isVisible(row));
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const row = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + step))];
    find("a", row || document.body)?.focus();
    return Boolean(row);
  }
  const shell = {
    "?": () => find("#help").showModal(),
    "`": () => {
      const drawer = find("#drawer");
      if (!drawer) return false;
      drawer.open = !drawer.open;
      find("summary", drawer).focus();
    },
    p: () => find("[data-action=pause]")?.click(),
    j: () => nextRow(1),
    k: () => nextRow(-1),
  };
  let goUntil = 0;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing) return;
    const modifier = isMac ? event.metaKey : event.ctrlKey;
    if (modifier && !event.altKey && !event.shiftKey) {
      const chord = { k: "K", Enter: "Enter", s: "S" }[event.key];
      if (chord === "K") {
        event.preventDefault();
        openPalette();
      } else if (chord && !palette.open && press(`Mod+${chord}`)) event.preventDefault();
      return;
    }
    if (event.key === "Escape") {
      const menu = find("details[data-menu][open]");
      if (menu) {
        menu.open = false;
        find("summary", menu).focus();
      }
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || root.dataset.keys === "off" || isTyping(event.target) || find("dialog[open]")) return;
    if (Date.now() < goUntil) {
      goUntil = 0;
      const place = find(`[data-go="${CSS.escape(event.key)}"]`);
      if (place) {
        event.preventDefault();
        place.click();
        return;
      }
    }
    if (event.key === "g") goUntil = Date.now() + 1500;
    else if (shell[event.key] ? shell[event.key]() !== false : event.key.length === 1 && press(event.key)) event.preventDefault();
  });

  document.addEventListener("click", (event) => {
    const copying = event.target.closest("[data-copy], [data-copy-from]");
    if (copying) return void copy(copying);
    const action = event.target.closest("[data-action]")?.dataset.action;
    if (action === "palette" || action === "help") {
      event.preventDefault();
      action === "palette" ? openPalette() : find("#help").showModal();
    }
    closeMenus(event.target.closest("details[data-menu]"));
  });

  // Of a list in which one thing is chosen, the one that was clicked last.
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-choose] a");
    if (!link) return;
    for (const other of all("a[aria-current]", link.closest("[data-choose]"))) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
  });

  // A slider beside a number field: each follows the other.
  document.addEventListener("input", (event) => {
    const { sliderOf } = event.target.dataset;
    if (sliderOf) find(`#${CSS.escape(sliderOf)}`).value = event.target.value;
    else if (event.target.id) for (const slider of all(`[data-slider-of="${CSS.escape(event.target.id)}"]`)) slider.value = event.target.value || 0;
  });

  // A choice of appearance acts at once and is kept by the server, which draws the next page in it.
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-appearance]");
    if (!form) return;
    const chosen = new FormData(form);
    root.dataset.theme = chosen.get("theme");
    if (chosen.get("contrast") === "more") root.dataset.contrast = "more";
    else delete root.dataset.contrast;
    fetch(form.action, { method: "POST", body: chosen, headers: { "HX-Request": "true" } });
  });

  document.addEventListener("htmx:after:swap", (event) => {
    if (event.detail.ctx?.target === list) showActions();
    settle(document);
  });
  settle(document);

  // Ready is a page whose scripts have all run, and where htmx, which binds a moment after it has run, has bound what was there.
  const isRun = new Promise((done) => document.addEventListener("DOMContentLoaded", done));
  const isBound = new Promise((done) => document.addEventListener("htmx:after:process", (event) => event.target === document.body && done()));
  Promise.all([isRun, isBound]).then(() => (root.dataset.ready = ""));
})();

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

  function age(element, now) {
    const since = Number(element.dataset.since);
    return calm.matches ? `since ${time(new Date(since * 1000))}` : countdown(Math.max(0, now - since));
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
    for (const element of all("time[data-since]")) put(element, age(element, now));
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
