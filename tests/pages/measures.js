// What the tests ask of a page; in every page before its own scripts.
(() => {
  const seen = { shift: 0, shifts: [], longest: 0 };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry.hadRecentInput) continue;
      seen.shift += entry.value;
      for (const { node } of entry.sources) seen.shifts.push(node?.outerHTML?.slice(0, 160) ?? String(node?.textContent));
    }
  }).observe({ type: "layout-shift", buffered: true });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) seen.longest = Math.max(seen.longest, entry.duration);
  }).observe({ type: "longtask", buffered: true });

  const excerpt = (element) => element.outerHTML.slice(0, 140);

  function weight() {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")];
    const bytes = entries.reduce((sum, entry) => sum + entry.transferSize, 0);
    return { bytes, requests: entries.length, names: entries.map((entry) => `${entry.name} ${entry.transferSize}`) };
  }

  // Controls smaller than `least` pixels either way; links within a sentence are exempt (WCAG 2.5.8).
  function smallTargets(least) {
    const isInSentence = (element) =>
      getComputedStyle(element).display === "inline" && element.parentElement.textContent.trim() !== element.textContent.trim();
    const found = [];
    for (const element of document.querySelectorAll("a, button, summary, input, select, textarea")) {
      if (!element.checkVisibility({ visibilityProperty: true }) || element.tabIndex < 0 || isInSentence(element)) continue;
      if (element.closest(".cm-editor") || element.matches(".skip, .visually-hidden, [type=hidden]")) continue;
      const target = element.matches("[type=radio], [type=checkbox]") ? element.closest("label") ?? element : element;
      const { width, height } = target.getBoundingClientRect();
      if (width && (width < least || height < least)) found.push(`${excerpt(target)} ${width} x ${height}`);
    }
    return found;
  }

  // Text that its box cuts off under the spacing that WCAG 1.4.12 has readers set. What is shortened with … on purpose is exempt.
  function clippedTexts() {
    const style = document.createElement("style");
    style.nonce = document.querySelector("meta[name=csp-nonce]").nonce;
    style.textContent = `main *, nav *, header * { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
      p { margin-block-end: 2em !important; }`;
    document.head.append(style);
    const hides = (overflow) => ["hidden", "clip"].includes(overflow);
    const found = [];
    for (const element of document.querySelectorAll("main *, header *")) {
      if (!element.checkVisibility() || element.closest(".cm-editor, .visually-hidden, pre, svg")) continue;
      if (![...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim())) continue;
      const look = getComputedStyle(element);
      if (look.textOverflow === "ellipsis") continue;
      const isCut =
        (hides(look.overflowY) && element.scrollHeight > element.clientHeight + 1) ||
        (hides(look.overflowX) && element.scrollWidth > element.clientWidth + 1);
      if (isCut) found.push(excerpt(element));
    }
    return found;
  }

  // The element in focus, and whether one sees that it is; null where nothing is.
  async function focus() {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    while (element.closest(".cm-editor:not(.cm-focused)")) await new Promise(requestAnimationFrame);
    const isSeenBefore = walked.has(element);
    walked.add(element);
    const holder = element.closest("label, .cm-editor, .palette-input") ?? element;
    const look = [getComputedStyle(element), getComputedStyle(holder)];
    const isMarked = look.some((one) => (one.outlineStyle !== "none" && parseFloat(one.outlineWidth) > 0) || one.boxShadow !== "none");
    const box = element.getBoundingClientRect();
    const between = (value, most) => Math.min(Math.max(value, 1), most - 1);
    // A link over two lines is several boxes, and the middle of all of them may be beside each.
    const isSeen = [...element.getClientRects()].some(({ left, top, width, bottom }) => {
      const onTop = document.elementFromPoint(between(left + width / 2, innerWidth), (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2);
      return onTop && (element.contains(onTop) || onTop.contains(element) || holder.contains(onTop));
    });
    return {
      what: excerpt(element),
      isSeenBefore,
      isMarked: isMarked && element.matches(":focus-visible"),
      isCovered: !isSeen,
      isInside: box.bottom > 0 && box.top < innerHeight,
      isEditor: Boolean(element.closest(".cm-editor")),
    };
  }
  const walked = new WeakSet();

  // What is seen, each with what its contrast hangs on, colours of the theme apart. Large is what WCAG 1.4.3 calls so.
  function looks() {
    const found = new Map();
    for (const element of document.querySelectorAll("body *")) {
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const { color, backgroundColor, backgroundImage, opacity, fontSize, fontWeight } = getComputedStyle(element);
      const isLarge = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);
      found.set(element, [color, backgroundColor, backgroundImage, opacity, isLarge].join());
    }
    return found;
  }

  // Notes what looks otherwise than when this was asked last, or was not seen then. (A mark in the page would not outlive a morph.)
  let lookedAt = new Map(), otherwise = [];
  function noteWhatLooksOtherwise() {
    const now = looks();
    otherwise = [...now.keys()].filter((element) => lookedAt.get(element) !== now.get(element));
    lookedAt = now;
  }

  // What axe finds in the whole page, or, by these rules alone, in what was noted.
  async function violations(rules) {
    const options = { resultTypes: ["violations"] };
    if (!rules.length) return (await axe.run(options)).violations;
    const include = otherwise.filter((element) => element.isConnected);
    return include.length ? (await axe.run({ include }, { ...options, runOnly: rules })).violations : [];
  }

  const runningAnimations = () => document.getAnimations().filter((animation) => animation.playState === "running").length;
  const sideways = () => document.documentElement.scrollWidth - innerWidth;
  window.measures = { seen, weight, smallTargets, clippedTexts, focus, runningAnimations, sideways, noteWhatLooksOtherwise, violations };
})();
