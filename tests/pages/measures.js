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
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());

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
      if (!hasText(element)) continue;
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

  const themes = ["light", "dark"];
  const setTheme = (theme) => {
    document.documentElement.dataset.theme = theme;
  };

  // FNV-1a, twice: what differs has another one.
  function digest(text) {
    let one = 0x811c9dc5, other = 0x2f0b4f4b;
    for (let place = 0; place < text.length; place++) {
      one = Math.imul(one ^ text.charCodeAt(place), 0x01000193);
      other = Math.imul(other ^ text.charCodeAt(place), 0x9e3779b1);
    }
    return (one >>> 0).toString(36) + (other >>> 0).toString(36);
  }

  // What shows text -> all that its contrast hangs on: its colours and size (large is what WCAG 1.4.3 calls so), and what is behind and
  // beside it, which is told by the elements and classes that it stands in and by how those look.
  function looks() {
    const found = new Map(), grounds = new Map();
    const ground = (element) => {
      if (!element) return "";
      if (!grounds.has(element)) {
        const { backgroundColor, backgroundImage, opacity, position } = getComputedStyle(element);
        const own = [element.localName, element.getAttribute("class"), backgroundColor, backgroundImage, opacity, position].join();
        grounds.set(element, digest(`${ground(element.parentElement)} ${own}`));
      }
      return grounds.get(element);
    };
    for (const element of document.querySelectorAll("body *")) {
      if (!hasText(element) && !element.matches("input, select, textarea")) continue;
      if (element.closest(".visually-hidden, .skip:not(:focus)")) continue; // nobody sees it, and axe looks at no such contrast
      if (!element.checkVisibility({ visibilityProperty: true, opacityProperty: true })) continue;
      const { color, textShadow, fontSize, fontWeight } = getComputedStyle(element);
      const isLarge = parseFloat(fontSize) >= (fontWeight >= 700 ? 18.66 : 24);
      found.set(element, [color, textShadow, isLarge, ground(element)].join());
    }
    return found;
  }

  // What axe finds by all rules but contrast, in the whole page.
  const violations = async () => (await axe.run({ resultTypes: ["violations"], rules: { "color-contrast": { enabled: false } } })).violations;

  // What axe finds of the contrast, in both themes, of two of everything that looks like nothing in `known`; and what it found good in both.
  // What it cannot decide is in neither.
  async function contrast(known) {
    const [light, dark] = themes.map((theme) => (setTheme(theme), looks()));
    const groups = new Map();
    for (const element of new Set([...light.keys(), ...dark.keys()])) {
      const look = digest(`${light.get(element)} ${dark.get(element)}`);
      groups.set(look, [...(groups.get(look) ?? []), element]);
    }
    for (const look of known) groups.delete(look);
    const found = [], passes = [];
    for (const theme of themes) {
      setTheme(theme);
      const include = [...groups.values()].flatMap((alike) => alike.filter((element) => element.isConnected).slice(0, 2));
      const options = { runOnly: ["color-contrast"], resultTypes: ["violations", "passes"], elementRef: true, selectors: false };
      const result = include.length ? await axe.run({ include }, options) : { violations: [], passes: [] };
      for (const { nodes } of result.violations) found.push(...nodes.map(({ html, failureSummary }) => `${theme}: ${html} ${failureSummary}`));
      passes.push(new Set(result.passes.flatMap(({ nodes }) => nodes.map(({ element }) => element))));
    }
    const isGood = (element) => passes.every((good) => good.has(element));
    return { violations: found, passed: [...groups].filter(([, alike]) => alike.some(isGood)).map(([look]) => look) };
  }

  const runningAnimations = () => document.getAnimations().filter((animation) => animation.playState === "running").length;
  const sideways = () => document.documentElement.scrollWidth - innerWidth;
  window.measures = { seen, weight, smallTargets, clippedTexts, focus, runningAnimations, sideways, setTheme, violations, contrast };
})();
