// Lists whose rows come and change while one looks. A burst is drawn in parts, and of each part only what is in sight, so that no part
// holds the browser up: a row that is there changes in the cells that differ; a new one goes on top, or waits behind a button while
// somebody is at the list or its top is out of sight. Rows below the window's edge are hidden as long as new ones keep coming.
(() => {
  "use strict";
  const all = (selector, from) => [...from.querySelectorAll(selector)];
  const root = document.documentElement;
  const AT_ONCE = 12, PAUSE_MS = 100, KEPT = 500;
  const MARGIN = 1, QUIET_MS = 1000; // rows shown beyond the edge; without new rows for so long, the hidden ones come back

  const lists = new Map(); // id of a list -> what it is to show yet: HTML by the row's id, the oldest first
  document.addEventListener("playground:rows", ({ detail: { list, topic, rows } }) => {
    if (lists.get(list.id)?.topic !== topic) lists.set(list.id, { topic, changed: new Map(), fresh: new Map() });
    const { changed, fresh } = lists.get(list.id);
    for (const { id, html, is_new } of rows) {
      if (fresh.has(id)) fresh.set(id, html);
      else if (document.getElementById(id)) changed.set(id, html);
      else if (is_new) fresh.set(id, html);
    }
    for (const id of [...fresh.keys()].slice(0, Math.max(0, fresh.size - KEPT))) fresh.delete(id);
    plan();
  });

  let planned = 0, drawnAt = 0;
  function plan() {
    planned ||= setTimeout(() => requestAnimationFrame(draw), drawnAt + PAUSE_MS - performance.now());
  }
  function draw(now) {
    planned = 0;
    if (root.hasAttribute("data-paused")) return; // the button that ends the pause plans the next
    drawnAt = now;
    for (const [id, due] of lists) {
      const list = document.getElementById(id), body = list?.querySelector("[data-rows]");
      if (!body || !list.dataset.topics.split(" ").includes(due.topic)) lists.delete(id);
      else if (drawPart(list, body, due)) plan();
    }
  }
  function drawPart(list, body, { changed, fresh }) {
    const isTaken = body.children.length && (list.matches(":hover, :focus-within") || list.getBoundingClientRect().top < 0);
    const top = isTaken ? [] : take(fresh, AT_ONCE);
    const isThere = ([id]) => document.getElementById(id);
    insert(body, top.filter((each) => !isThere(each)));
    for (const [id, html] of [...top.filter(isThere), ...take(changed, AT_ONCE)]) change(document.getElementById(id), html);
    offer(list, isTaken ? fresh.size : 0);
    document.dispatchEvent(new Event("htmx:finally:swap"));
    return changed.size || (fresh.size && !isTaken);
  }
  function take(waiting, count) {
    const taken = [...waiting].slice(0, count);
    for (const [id] of taken) waiting.delete(id);
    return taken;
  }

  function change(row, html) {
    if (!row) return;
    if (row.contains(document.activeElement)) return void htmx.swap({ sourceElement: row, target: row, swap: "outerMorph", text: html });
    const [twin] = rowsOf(html);
    twin.hidden = row.hidden;
    if (twin.cells.length !== row.cells.length) return row.replaceWith(asTicked(twin, row));
    for (const { name } of [...row.attributes]) if (!twin.hasAttribute(name)) row.removeAttribute(name);
    for (const { name, value } of twin.attributes) if (row.getAttribute(name) !== value) row.setAttribute(name, value);
    // A cell is drawn anew: its figures have not moved.
    const cells = [...row.cells];
    [...twin.cells].forEach((cell, index) => cell.isEqualNode(cells[index]) || cells[index].replaceWith(asTicked(cell, cells[index])));
  }

  // What stood in sight is drawn anew a little lower instead of being pushed: nothing moves, for the eye and for the browser.
  function insert(body, waiting) {
    if (!waiting.length) return;
    const rows = [...body.children], most = Number(body.dataset.rows);
    const isSeen = (element) => element.getBoundingClientRect().top < innerHeight;
    const below = rows.findIndex((row) => row.hidden || !isSeen(row));
    const foot = body.closest("[data-topics] > *").querySelector(":scope > :last-child");
    const isPushed = below < 0 && !foot.contains(body) && isSeen(foot);
    heights.set(body, body.offsetHeight / rows.filter((row) => !row.hidden).length || 0);

    const fresh = rowsOf(waiting.slice(-most).map(([, html]) => html).reverse().join(""));
    const kept = rows.slice(0, Math.max(0, most - fresh.length)), room = below < 0 ? most : below + MARGIN;
    for (const row of rows.slice(kept.length)) row.remove();
    [...fresh, ...kept].forEach((row, place) => {
      if (place >= room) row.hidden ||= true;
      else if (!fresh.includes(row)) row.replaceWith(copy(row));
    });
    body.prepend(...fresh);
    keepRoom(body);
    clearTimeout(quiet);
    quiet = setTimeout(showHidden, QUIET_MS);
    if (!isPushed) return;
    const twin = copy(foot);
    foot.replaceWith(twin);
    htmx.process(twin);
  }

  // Hidden rows keep their room, so that the page has its height; whoever goes there finds them.
  const heights = new WeakMap(); // of a row, by its list
  let quiet = 0;
  const hiddenRows = (body) => all(":scope > [hidden]", body);
  function keepRoom(body) {
    const room = hiddenRows(body).length * heights.get(body);
    body.closest(".table-wrap").style.paddingBlockEnd = room ? `${room}px` : "";
  }
  function showHidden() {
    clearTimeout(quiet);
    quiet = 0;
    for (const body of all("[data-rows]", document).filter((body) => heights.has(body))) {
      const hidden = hiddenRows(body);
      for (const row of hidden.slice(0, AT_ONCE)) row.hidden = false;
      keepRoom(body);
      if (hidden.length > AT_ONCE) quiet = setTimeout(showHidden, PAUSE_MS);
    }
  }
  addEventListener("scroll", () => quiet && showHidden(), { passive: true });
  document.addEventListener("focusin", (event) => quiet && event.target.closest("[data-rows]") && showHidden());

  function offer(list, count) {
    const place = list.querySelector("[data-new-rows]");
    place.hidden = !count;
    place.querySelector("button").textContent = `${count} new`;
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-action=pause]")) plan();
    const list = event.target.closest("[data-new-rows] button")?.closest("[data-topics]");
    if (!list) return;
    const body = list.querySelector("[data-rows]");
    insert(body, take(lists.get(list.id).fresh, KEPT));
    offer(list, 0);
    document.dispatchEvent(new Event("htmx:finally:swap"));
    list.scrollIntoView({ block: "start" });
    body.querySelector("a")?.focus();
  });

  function rowsOf(text) {
    const holder = document.createElement("template");
    holder.innerHTML = text;
    window.playground.settle(holder.content);
    return [...holder.content.children];
  }
  function asTicked(twin, element) {
    const boxes = all("input", twin);
    all("input", element).forEach((box, index) => (boxes[index].checked = box.checked));
    return twin;
  }
  const copy = (element) => asTicked(element.cloneNode(true), element);
})();
