// One invocation on a page: the waterfall's widths, the time cursor over diagram, waterfall and log, and the log pane.
// Everything is read from data- attributes: data-from and data-to are milliseconds since the request arrived.
(() => {
  "use strict";

  const KEPT_LINES = 1000;
  const number = (element, name) => (element.dataset[name] === undefined ? undefined : Number(element.dataset[name]));
  const words = (ms) =>
    ms < 1 ? `${ms.toFixed(2)} ms` : ms < 10 ? `${ms.toFixed(1)} ms` : ms < 999.5 ? `${ms.toFixed(0)} ms` : ms < 60000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 60000).toFixed(1)} min`;
  const isPaused = () => document.documentElement.hasAttribute("data-paused") || document.body.hasAttribute("data-paused");

  // How long a running invocation has taken, by the server's figure and the time since we got it.
  const clocks = new WeakMap();
  function elapsed(element, name) {
    const said = number(element, name);
    const known = clocks.get(element);
    if (!known || known.said !== said) clocks.set(element, { said, at: performance.now() });
    return said + (isPaused() ? 0 : performance.now() - clocks.get(element).at);
  }

  // --- waterfall -----------------------------------------------------------------------------------------------------------

  function ticksFor(total) {
    let step = 0.001;
    while (total / step > 5) step *= /^[15]/.test(step.toExponential()) ? 2 : 2.5;
    return Array.from({ length: Math.floor(total / step) + 1 }, (_, index) => index * step).filter((at) => at <= 0.94 * total);
  }

  function drawWaterfall(waterfall) {
    const running = waterfall.hasAttribute("data-running");
    const total = running ? elapsed(waterfall, "elapsed") : number(waterfall, "total");
    if (!(total > 0)) return;
    for (const bar of waterfall.querySelectorAll(".wf-bar")) {
      const from = number(bar, "from");
      const to = number(bar, "to") ?? total;
      bar.style.setProperty("--from", `${(100 * from) / total}%`);
      bar.style.setProperty("--size", `${(100 * (shownUntil(bar, to) - from)) / total}%`);
    }
    if (!running) {
      for (const tick of waterfall.querySelectorAll(".wf-tick")) tick.style.setProperty("--from", `${(100 * number(tick, "at")) / total}%`);
      return;
    }
    const scale = waterfall.querySelector(".wf-scale .wf-track");
    scale.replaceChildren(
      ...ticksFor(total).map((at) => {
        const tick = Object.assign(document.createElement("span"), { className: "wf-tick", textContent: at ? words(at) : "0" });
        tick.style.setProperty("--from", `${(100 * at) / total}%`);
        return tick;
      }),
    );
    for (const figure of waterfall.querySelectorAll("[data-grows]")) {
      figure.textContent = words(total - number(figure.closest(".wf-row").querySelector(".wf-bar"), "from"));
    }
  }

  // --- the time cursor -----------------------------------------------------------------------------------------------------

  const cursors = new Map(); // scope element -> {at: ms or null for now, playing: last frame's time or 0}

  function cursorOf(scope) {
    if (!cursors.has(scope)) cursors.set(scope, { at: null, playing: 0 });
    return cursors.get(scope);
  }

  function shownUntil(bar, to) {
    const scope = bar.closest("[data-scope]");
    const at = scope && cursors.get(scope)?.at;
    return at === null || at === undefined ? to : Math.min(Math.max(at, number(bar, "from")), to);
  }

  function totalOf(scope) {
    const moments = scope.querySelector("[data-moments]");
    if (!moments) return 0;
    return moments.hasAttribute("data-running") ? elapsed(moments, "total") : number(moments, "total");
  }

  function momentsOf(scope) {
    return [...scope.querySelectorAll("[data-moments] > li")].map((item) => ({ at: number(item, "at"), what: item.textContent }));
  }

  // A stop that was reached several times has its spans, "from:to from:": between two of them it has been passed, and is waited for.
  function phaseAt(element, at) {
    if (element.dataset.spans) {
      const spans = element.dataset.spans.split(" ").map((span) => span.split(":"));
      if (at < Number(spans[0][0])) return "before";
      return spans.some(([from, to]) => at >= Number(from) && (to === "" || at < Number(to))) ? "during" : "after";
    }
    const from = number(element, "from");
    const to = number(element, "to");
    return at < from ? "before" : to !== undefined && at >= to ? "after" : "during";
  }

  function show(scope) {
    const cursor = cursorOf(scope);
    const total = totalOf(scope);
    const at = cursor.at ?? total;
    for (const element of scope.querySelectorAll("[data-from]")) {
      const phase = phaseAt(element, cursor.at === null && element.dataset.to === undefined ? Infinity : at);
      element.dataset.phase = cursor.at === null && element.dataset.to === undefined ? "during" : phase;
    }
    for (const line of scope.querySelectorAll(".ln[data-at]")) {
      if (cursor.at !== null && number(line, "at") > at) line.dataset.phase = "before";
      else delete line.dataset.phase;
    }
    scope.querySelectorAll(".waterfall").forEach(drawWaterfall);
    for (const mark of scope.querySelectorAll(".wf-cursor")) {
      mark.toggleAttribute("data-shown", cursor.at !== null);
      mark.style.setProperty("--at", total ? (100 * at) / total : 100);
    }
    showControls(scope, cursor, at, total);
  }

  function showControls(scope, cursor, at, total) {
    const controls = scope.querySelector("[data-cursor]");
    if (!controls) return;
    const passed = momentsOf(scope).filter((moment) => moment.at <= at + 0.0005);
    const what = passed.length ? passed[passed.length - 1].what : "";
    const slider = controls.querySelector("[data-cursor-slider]");
    slider.value = total ? Math.round((1000 * at) / total) : 1000;
    slider.setAttribute("aria-valuetext", `${words(at)}: ${what}`);
    controls.querySelector("[data-cursor-time]").textContent = words(at);
    controls.querySelector("[data-cursor-what]").textContent = what;
    const live = controls.querySelector("[data-cursor-live]");
    live.setAttribute("aria-pressed", String(cursor.at === null));
    live.textContent = scope.querySelector("[data-moments][data-running]") ? "Live" : "End";
    const play = controls.querySelector("[data-cursor-play]");
    play.setAttribute("aria-pressed", String(cursor.playing > 0));
    play.setAttribute("aria-label", cursor.playing ? "Stop" : "Play");
  }

  function moveTo(scope, at) {
    const cursor = cursorOf(scope);
    cursor.at = at === null ? null : Math.min(Math.max(at, 0), totalOf(scope));
    show(scope);
    if (cursor.at !== null) scrollLogTo(scope, cursor.at);
  }

  function stepBy(scope, direction) {
    const total = totalOf(scope);
    const cursor = cursorOf(scope);
    const here = cursor.at ?? total + 1;
    const times = [...new Set([...momentsOf(scope).map((moment) => moment.at), ...[...scope.querySelectorAll(".ln[data-at]")].map((line) => number(line, "at"))])];
    times.sort((one, other) => one - other);
    const next = direction < 0 ? times.filter((time) => time < here - 0.0005).pop() : times.find((time) => time > here + 0.0005);
    cursor.playing = 0;
    moveTo(scope, next ?? (direction < 0 ? 0 : null));
  }

  function play(scope) {
    const cursor = cursorOf(scope);
    if (cursor.playing) {
      cursor.playing = 0;
      show(scope);
      return;
    }
    if (cursor.at === null || cursor.at >= totalOf(scope)) cursor.at = 0;
    cursor.playing = performance.now();
    const frame = (now) => {
      if (!cursor.playing || !scope.isConnected) return;
      const total = totalOf(scope);
      const speed = scope.querySelector("[data-cursor-speed]").value;
      const passed = Math.max(now - cursor.playing, 0) * (speed === "fit" ? total / 5000 : Number(speed));
      cursor.playing = now;
      if (cursor.at + passed >= total) {
        cursor.playing = 0;
        moveTo(scope, null);
        return;
      }
      moveTo(scope, cursor.at + passed);
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
    show(scope);
  }

  // --- the log -------------------------------------------------------------------------------------------------------------

  const logs = new WeakMap(); // pane -> {last: index of the newest line seen, unread: lines}

  function scrollLogTo(scope, at) {
    for (const pane of scope.querySelectorAll("[data-log-pane]")) {
      const reached = [...pane.querySelectorAll(".ln[data-at]")].filter((line) => number(line, "at") <= at).pop();
      if (reached) pane.scrollTop = reached.offsetTop - pane.clientHeight + reached.offsetHeight + 8;
    }
  }

  function isFollowing(log) {
    return log.querySelector("[data-log-follow]")?.getAttribute("aria-pressed") === "true";
  }

  function setFollowing(log, following) {
    log.querySelector("[data-log-follow]")?.setAttribute("aria-pressed", String(following));
    if (following) readNew(log);
  }

  function readNew(log) {
    const pane = log.querySelector("[data-log-pane]");
    pane.scrollTop = pane.scrollHeight;
    const seen = logs.get(pane);
    if (seen) seen.unread = 0;
    log.querySelector("[data-log-new]").hidden = true;
  }

  function filterLine(line, wanted) {
    line.toggleAttribute("data-filtered", Boolean(wanted) && !line.textContent.toLowerCase().includes(wanted));
  }

  function tookLines(log, pane, added) {
    const seen = logs.get(pane);
    const wanted = log.querySelector("[data-log-filter]")?.value.trim().toLowerCase();
    let fresh = 0;
    for (const line of added) {
      const index = number(line, "i");
      if (index !== undefined && index <= seen.last) {
        line.remove(); // The page had it already: frames after a gap tell again.
        continue;
      }
      if (index !== undefined) {
        seen.last = index;
        fresh += 1;
      }
      if (wanted) filterLine(line, wanted);
    }
    if (!fresh) return;
    while (pane.childElementCount > KEPT_LINES) pane.firstElementChild.remove();
    count(log, pane, seen);
    if (isFollowing(log)) {
      pane.scrollTop = pane.scrollHeight;
    } else {
      seen.unread += fresh;
      const note = log.querySelector("[data-log-new]");
      note.hidden = false;
      note.querySelector("[data-log-read]").textContent = `Read ${seen.unread} new ${seen.unread === 1 ? "line" : "lines"}`;
    }
    const scope = pane.closest("[data-scope]");
    if (scope && cursors.get(scope)?.at !== null) show(scope);
  }

  function count(log, pane, seen) {
    const all = seen.last + 1;
    const shown = pane.querySelectorAll(".ln[data-i]:not([data-filtered])").length;
    const lines = `${all} ${all === 1 ? "line" : "lines"}`;
    log.querySelector("[data-log-count]").textContent = shown === all ? lines : `${shown} of ${lines} shown`;
  }

  function watchLog(log) {
    const pane = log.querySelector("[data-log-pane]");
    if (logs.has(pane)) return;
    const indexes = [...pane.querySelectorAll(".ln[data-i]")].map((line) => number(line, "i"));
    logs.set(pane, { last: indexes.length ? indexes[indexes.length - 1] : -1, unread: 0 });
    new MutationObserver((records) => {
      const added = records.flatMap((record) => [...record.addedNodes]).filter((node) => node.isConnected && node.classList?.contains("ln"));
      if (added.length) tookLines(log, pane, added);
    }).observe(pane, { childList: true });
    pane.addEventListener("scroll", () => {
      const atEnd = pane.scrollTop + pane.clientHeight >= pane.scrollHeight - 8;
      if (!atEnd && isFollowing(log)) setFollowing(log, false);
      if (atEnd && !log.querySelector("[data-log-new]").hidden) readNew(log);
    });
    if (isFollowing(log)) pane.scrollTop = pane.scrollHeight;
  }

  // --- what is done with the mouse and the keys ------------------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const target = event.target.closest("button");
    if (!target) return;
    const scope = target.closest("[data-scope]");
    const log = target.closest("[data-log]");
    const { dataset } = target;
    if (scope && dataset.cursorStep) stepBy(scope, Number(dataset.cursorStep));
    else if (scope && "cursorPlay" in dataset) play(scope);
    else if (scope && "cursorLive" in dataset) {
      cursorOf(scope).playing = 0;
      moveTo(scope, null);
    } else if (log && "logFollow" in dataset) setFollowing(log, !isFollowing(log));
    else if (log && "logRead" in dataset) readNew(log);
  });

  document.addEventListener("input", (event) => {
    const { target } = event;
    const scope = target.closest("[data-scope]");
    if (scope && target.matches("[data-cursor-slider]")) {
      cursorOf(scope).playing = 0;
      const at = (Number(target.value) / 1000) * totalOf(scope);
      moveTo(scope, Number(target.value) >= 1000 ? null : at);
    } else if (target.matches("[data-log-filter]")) {
      const log = target.closest("[data-log]");
      const pane = log.querySelector("[data-log-pane]");
      for (const line of pane.querySelectorAll(".ln")) filterLine(line, target.value.trim().toLowerCase());
      count(log, pane, logs.get(pane));
    }
  });

  // --- rows to tick --------------------------------------------------------------------------------------------------------

  function countTicked() {
    const form = document.querySelector("[data-bulk]");
    if (!form) return;
    const boxes = [...document.querySelectorAll(`input[type="checkbox"][form="${form.id}"]`)];
    const ticked = boxes.filter((box) => box.checked).length;
    form.querySelector("[data-bulk-count]").textContent = ticked ? `${ticked} chosen` : "";
    form.querySelector("[data-bulk-button]").toggleAttribute("disabled", !ticked);
    const all = form.querySelector("[data-check-all]");
    all.checked = ticked > 0 && ticked === boxes.length;
    all.indeterminate = ticked > 0 && ticked < boxes.length;
  }

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-check-all]")) {
      for (const box of document.querySelectorAll(`input[type="checkbox"][form="${event.target.form.id}"]`)) box.checked = event.target.checked;
    }
    countTicked();
  });

  // --- whenever the page has changed -----------------------------------------------------------------------------------------

  const told = new Map(); // id of a state's element -> what was last said of it
  function tellStates() {
    for (const state of document.querySelectorAll('[data-scope] [id^="state-"]')) {
      const word = state.textContent.trim();
      const before = told.get(state.id);
      told.set(state.id, word);
      if (before !== undefined && before !== word) window.playground?.say(`Invocation: ${word}`);
    }
  }

  let timer = 0;
  function refresh() {
    for (const scope of cursors.keys()) if (!scope.isConnected) cursors.delete(scope);
    document.querySelectorAll("[data-log]").forEach(watchLog);
    document.querySelectorAll("[data-scope]").forEach(show);
    document.querySelectorAll(".waterfall").forEach(drawWaterfall);
    countTicked();
    tellStates();
    const runs = document.querySelector("[data-running].waterfall, [data-moments][data-running]");
    if (runs && !timer) timer = setInterval(grow, 100);
    if (!runs && timer) timer = clearInterval(timer) ?? 0;
  }

  function grow() {
    if (document.hidden || isPaused()) return;
    for (const scope of document.querySelectorAll("[data-scope]")) if (scope.querySelector("[data-moments][data-running]")) show(scope);
  }

  // A recorded run plays once, for those who like movement.
  function begin() {
    refresh();
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    for (const scope of document.querySelectorAll("[data-plays]")) play(scope);
  }

  document.addEventListener("htmx:finally:swap", refresh);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", begin);
  else begin();
})();
