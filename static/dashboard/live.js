// The page's socket: what it follows, how far it has come, and what frames of data (not of HTML) do. All of it is in this file, but
// how the rows of lists are drawn (lists.js); the markup is in two template tags (templatetags/live.py).
(() => {
  "use strict";
  const live = document.getElementById("live"), pill = document.getElementById("connection");
  if (!live || !pill) return;
  const { say } = window.playground;
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const KEPT_LINES = 5000;

  let seq = live.dataset.after; // the last announcement shown
  let connection = null, received = 0, acknowledged = 0, told = "", wasLive = false;
  let offlineSince = 0, paused = false;
  const held = []; // frames that came while the page is paused; the server sends no more than 32 unacknowledged ones

  // What the page follows: the topics of all its regions.
  const regions = () => all("[data-topics][id]");
  const topicsOf = (region) => region.dataset.topics.split(" ").filter(Boolean);
  const topics = () => [...new Set(regions().flatMap(topicsOf))];
  function address() {
    const url = new URL(live.dataset.connect, location.href);
    url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    url.searchParams.set("topics", topics().join(","));
    url.searchParams.set("after", seq);
    return url.href;
  }
  const isOpen = () => connection?.socket?.readyState === WebSocket.OPEN;
  const send = (message) => isOpen() && connection.socket.send(JSON.stringify(message));
  function follow() {
    const wanted = topics();
    const names = wanted.join(",");
    if (names === told || !isOpen()) return;
    const before = new Set(told.split(","));
    const fresh = regions().filter((region) => topicsOf(region).some((topic) => !before.has(topic)));
    const after = fresh.map((region) => region.dataset.after).filter(Boolean).sort(byOrder)[0] || seq;
    told = names;
    send({ topics: wanted, after });
  }
  const byOrder = (one, other) => {
    const [a, b] = one.split("-").map(Number), [c, d] = other.split("-").map(Number);
    return a - c || b - d;
  };

  // The pill tells how true the page is.
  function tell() {
    const state = paused ? "paused" : offlineSince ? "offline" : wasLive ? "live" : "catching up";
    const seconds = Math.round((Date.now() - offlineSince) / 1000);
    const word = { paused: held.length ? `paused, ${held.length} waiting` : "paused", offline: `offline since ${seconds} s` }[state] || state;
    const text = pill.querySelector("[data-word]");
    if (text.textContent !== word) text.textContent = word;
    if (pill.dataset.connection === state) return;
    const earlier = pill.dataset.connection;
    pill.dataset.connection = state;
    document.documentElement.toggleAttribute("data-offline", state === "offline");
    for (const control of all("[data-needs-server]")) {
      control.disabled = state === "offline";
      control.title = state === "offline" ? "The server does not answer. The page tries again by itself." : "";
    }
    if (state === "offline") say("The server does not answer. What you see may be old.");
    else if (state === "live" && earlier === "offline") say("Live again.");
  }
  setInterval(() => offlineSince && tell(), 1000);

  document.addEventListener("htmx:ws:before:connection", (event) => {
    connection = event.detail.connection;
    connection.url = address();
  });
  document.addEventListener("htmx:ws:after:connection", (event) => {
    connection = event.detail.connection;
    told = topics().join(",");
    received = acknowledged = 0;
    wasLive = false;
    offlineSince = 0;
    tell();
  });
  document.addEventListener("htmx:ws:close", (event) => {
    // hx-ws opens again at this address: after a pause with back-off, or at once when a hidden page is looked at again.
    event.detail.connection.url = address();
    wasLive = false;
    offlineSince ||= Date.now();
    if (!document.hidden) tell();
  });
  document.addEventListener("visibilitychange", () => tell());
  addEventListener("online", () => {
    if (!isOpen() && connection) document.dispatchEvent(new Event("visibilitychange"));
  });

  document.addEventListener("htmx:ws:before:message:incoming", (event) => {
    if (!paused) return;
    event.preventDefault();
    held.push(event.detail.message.data);
    tell();
  });
  document.addEventListener("htmx:ws:after:message:incoming", (event) => shown(event.detail.message.data));

  // A frame has been swapped in: the rest of it, then the acknowledgement that lets the server send more.
  function shown(data) {
    const frame = JSON.parse(data);
    seq = frame.seq || seq;
    received += 1;
    if (!wasLive) {
      wasLive = true;
      tell();
    }
    for (const [topic, rows] of Object.entries(frame.rows || {})) {
      for (const list of regions()) if (topicsOf(list).includes(topic)) tellOfRows(list, topic, rows);
    }
    if (frame.gauges) showGauges(frame.gauges);
    if (frame.series) document.dispatchEvent(new CustomEvent("playground:series", { detail: frame.series }));
    if (frame.more) for (const element of all("[data-more]")) leftOut(element, frame.more);
    if (frame.refetch) refetch(frame.refetch);
    if (received - acknowledged >= 8) acknowledge();
    else setTimeout(acknowledge, 100);
  }
  // lists.js draws them; a list that is not there yet, because it was empty, is fetched.
  function tellOfRows(list, topic, rows) {
    if (list.querySelector("[data-rows]")) document.dispatchEvent(new CustomEvent("playground:rows", { detail: { list, topic, rows } }));
    else if (rows.some((row) => row.is_new)) refetch(topicsOf(list));
  }
  function acknowledge() {
    if (received > acknowledged && send({ ack: received })) acknowledged = received;
  }

  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-action=pause]");
    if (!button) return;
    paused = !paused;
    button.setAttribute("aria-pressed", paused);
    button.setAttribute("aria-label", paused ? "Resume live updates" : "Pause live updates");
    document.documentElement.toggleAttribute("data-paused", paused);
    say(paused ? "Live updates paused." : "Live updates resumed.");
    while (!paused && held.length) {
      const data = held.shift(), { content } = JSON.parse(data);
      if (content) await htmx.swap({ sourceElement: live, target: live, swap: "none", text: content });
      shown(data);
    }
    tell();
  });

  // Regions marked data-hold do not change under the pointer or the focus; the newest version comes when both have left.
  const later = new Map(), missed = new Set(); // what is to be shown then; regions to be fetched then
  const isHeld = (element) => element.matches("[data-hold]:is(:hover, :focus-within)");
  function release() {
    for (const [target, task] of later) {
      if (target.isConnected && isHeld(target)) continue;
      later.delete(target);
      if (target.isConnected) htmx.swap({ sourceElement: live, target, swap: "outerMorph", text: html(task.fragment) });
    }
    for (const region of missed) {
      if (region.isConnected && isHeld(region)) continue;
      missed.delete(region);
      if (region.isConnected) refetch(topicsOf(region));
    }
  }
  function html(fragment) {
    const holder = document.createElement("div");
    holder.append(fragment.cloneNode(true));
    return holder.innerHTML;
  }
  for (const kind of ["pointerout", "focusout"]) document.addEventListener(kind, () => later.size + missed.size && setTimeout(release, 150));

  // Log panes get each line once, and keep the newest lines.
  function onlyNewLines(task) {
    const last = Number(all("[data-i]", task.target).at(-1)?.dataset.i ?? -1);
    for (const line of all("[data-i]", task.fragment)) if (Number(line.dataset.i) <= last) line.remove();
  }
  function trim(pane) {
    const lines = all(":scope > [data-i]", pane);
    if (lines.length <= KEPT_LINES + 200) return;
    const surplus = lines.slice(0, lines.length - KEPT_LINES);
    for (const line of surplus) line.remove();
    let note = pane.querySelector("[data-gone]");
    if (!note) {
      note = document.createElement("div");
      note.className = "ln";
      note.dataset.kind = "note";
      note.dataset.gone = 0;
      pane.prepend(note);
    }
    note.dataset.gone = Number(note.dataset.gone) + surplus.length;
    note.textContent = `${note.dataset.gone} earlier lines are only in the download.`;
  }
  document.addEventListener("htmx:before:swap", (event) => {
    if (event.detail.ctx.sourceElement !== live) return;
    const tasks = event.detail.tasks;
    for (const task of tasks.splice(0)) {
      const target = typeof task.target === "string" ? document.querySelector(task.target) : task.target;
      if (task.type !== "partial" || !target) {
        if (task.type !== "partial") tasks.push(task);
      } else if (isHeld(target)) later.set(target, task);
      else {
        later.delete(target);
        if (target.matches("[data-log-pane]") && task.swapSpec.style !== "outerMorph") onlyNewLines({ ...task, target });
        tasks.push(task);
      }
    }
  });
  document.addEventListener("htmx:after:swap", () => {
    all("[data-log-pane]").forEach(trim);
    follow();
  });

  function leftOut(element, count) {
    element.dataset.more = Number(element.dataset.more || 0) + count;
    element.hidden = false;
    const place = element.querySelector("[data-count]");
    if (place) place.textContent = element.dataset.more;
  }

  // Figures: data-gauge="used" or "per_second.errors"; on a <progress>, data-gauge-max names its maximum.
  const figure = (gauges, path) => path.split(".").reduce((value, name) => value?.[name], gauges);
  function showGauges(gauges) {
    for (const element of all("[data-gauge]")) {
      const value = figure(gauges, element.dataset.gauge);
      if (value === undefined) continue;
      if (element instanceof HTMLProgressElement) {
        element.max = Math.max(1, figure(gauges, element.dataset.gaugeMax) ?? element.max);
        element.value = value;
      } else if (element.textContent !== String(value)) element.textContent = value;
    }
  }

  // Whoever missed too much, or shows what changes too often to be sent, fetches the page once more and takes its regions.
  document.addEventListener("htmx:after:history:update", () => (document.body.dataset.address = location.pathname + location.search));
  // Whoever is leaving fetches nothing more: what the page shows may be what its form has just deleted.
  let leavingUntil = 0;
  addEventListener("beforeunload", () => (leavingUntil = Date.now() + 5000));
  let fetching = false;
  const stale = new Set(); // topics asked for while a fetch was on its way, or whose regions were held
  async function refetch(names) {
    for (const name of names) stale.add(name);
    if (fetching || Date.now() < leavingUntil) return;
    fetching = true;
    try {
      while (stale.size) {
        const wanted = [...stale];
        stale.clear();
        await fetchRegions((region) => wanted.includes("*") || topicsOf(region).some((topic) => wanted.includes(topic)));
      }
    } finally {
      fetching = false;
    }
  }
  async function fetchRegions(isWanted) {
    const answer = await fetch(document.body.dataset.address, { headers: { Accept: "text/html" } });
    if (answer.status === 404) say("What this page shows was deleted.");
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const region of regions().filter(isWanted)) {
      const other = fresh.getElementById(region.id);
      if (!other) continue;
      if (isHeld(region)) missed.add(region);
      else if (region.matches(".redraw")) redraw(region, other);
      else await htmx.swap({ sourceElement: live, target: region, swap: "outerMorph", text: other.outerHTML });
    }
  }
  // Rows that change places are drawn anew instead of being moved: nothing shifts. What is scrolled inside stays where it is.
  function redraw(region, other) {
    const focused = region.contains(document.activeElement) && document.activeElement.getAttribute("href");
    const scrolled = all("[data-scroll]", region).map((element) => [element.scrollTop, element.scrollLeft]);
    region.replaceChildren(...other.childNodes);
    all("[data-scroll]", region).forEach((element, index) => element.scrollTo(...(scrolled[index] || [0, 0]).toReversed()));
    if (focused) region.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
    htmx.process(region);
    document.dispatchEvent(new CustomEvent("htmx:after:swap", { detail: {} }));
  }

  // Only now: htmx looks at the page as soon as it is loaded itself, which may be before its extension or this script is.
  live.setAttribute("hx-ws:connect", live.dataset.connect);
  htmx.process(live);
  tell();
})();
