// Turns each `<textarea data-editor="python">` in an `.editor` into CodeMirror. The textarea stays, holds the text and is what a form
// sends; without this script it is the editor.
(() => {
  "use strict";
  const {
    EditorState, EditorView, HighlightStyle, autocompletion, bracketMatching, closeBrackets, closeBracketsKeymap, completionKeymap, defaultKeymap, drawSelection,
    foldGutter, foldKeymap, highlightActiveLine, highlightActiveLineGutter, highlightSelectionMatches, highlightSpecialChars, history,
    historyKeymap, indentOnInput, indentUnit, indentWithTab, javascript, json, jsonParseLinter, keymap, lineNumbers, lintGutter, linter, python,
    searchKeymap, setDiagnostics, syntaxHighlighting, tags,
  } = window.CodeMirror;

  const languages = {
    python: () => [python(), indentUnit.of("    ")],
    javascript: () => [javascript(), indentUnit.of("  ")],
    json: () => [json(), indentUnit.of("  "), linter(jsonMistakes, { delay: 300 })],
    pattern: () => [...languages.json(), autocompletion({ override: [operators], icons: false }), keymap.of(completionKeymap)],
    text: () => [],
  };
  // Event patterns: within an object of a value list, the operators.
  const OPERATORS = {
    prefix: '""', suffix: '""', "equals-ignore-case": '""', "anything-but": "[]", numeric: '[">", 0]', exists: "true", wildcard: '"*"', cidr: '"10.0.0.0/8"',
  };
  function operators(context) {
    const before = context.state.sliceDoc(0, context.pos), word = /"?[\w-]*$/.exec(before)[0];
    if (!/\[[^\[\]{}]*(\{[^{}]*\}[^\[\]{}]*)*\{\s*$/.test(before.slice(0, before.length - word.length)) || (!word && !context.explicit)) return null;
    const to = word.startsWith('"') && context.state.sliceDoc(context.pos, context.pos + 1) === '"' ? context.pos + 1 : context.pos;
    const options = Object.entries(OPERATORS).map(([name, argument]) => ({ label: name, detail: argument, apply: `"${name}": ${argument}` }));
    return { from: context.pos - word.length + (word.startsWith('"') ? 1 : 0), to: context.pos, filter: true, options: options.map((option) => ({ ...option, apply: put(word, to) })) };
  }
  const put = (word, to) => (view, option, from) => {
    const text = `"${option.label}": ${OPERATORS[option.label]}`, start = word.startsWith('"') ? from - 1 : from;
    view.dispatch({ changes: { from: start, to: Math.max(to, view.state.selection.main.head), insert: text }, selection: { anchor: start + text.length - (/["\]]$/.test(text) ? 1 : 0) } });
  };
  const findMistake = jsonParseLinter();
  const jsonMistakes = (view) => (view.state.doc.toString().trim() ? findMistake(view) : []);

  const colours = HighlightStyle.define([
    { tag: [tags.keyword, tags.controlKeyword, tags.operatorKeyword, tags.definitionKeyword, tags.moduleKeyword, tags.bool, tags.null, tags.self], color: "var(--code-key)" },
    { tag: [tags.string, tags.special(tags.string), tags.regexp], color: "var(--code-string)" },
    { tag: [tags.number, tags.escape], color: "var(--code-number)" },
    { tag: [tags.function(tags.definition(tags.variableName)), tags.className, tags.propertyName, tags.definition(tags.propertyName)], color: "var(--code-name)" },
    { tag: tags.function(tags.variableName), color: "var(--code-name)" },
    { tag: [tags.comment, tags.docString], color: "var(--code-comment)", fontStyle: "italic" },
    { tag: tags.invalid, color: "var(--bad)" },
  ]);
  const look = EditorView.theme({
    "&": { backgroundColor: "transparent", color: "var(--ink)" },
    "&.cm-focused": { outline: "2px solid var(--accent)", outlineOffset: "-2px" },
    ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.55" },
    ".cm-content": { padding: "0.5rem 0", caretColor: "var(--ink)" },
    ".cm-line": { padding: "0 0.75rem 0 0.375rem" },
    ".cm-gutters": { backgroundColor: "transparent", color: "var(--muted)", border: "0" },
    ".cm-lineNumbers .cm-gutterElement": { minWidth: "2.25rem", padding: "0 0.25rem 0 0.5rem" },
    ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in oklab, var(--hover) 60%, transparent)" },
    ".cm-activeLineGutter": { color: "var(--ink)" },
    ".cm-cursor": { borderLeftColor: "var(--ink)" },
    "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { background: "light-dark(oklch(0.87 0.07 274), oklch(0.38 0.1 272)) !important" },
    ".cm-matchingBracket, &.cm-focused .cm-matchingBracket": { backgroundColor: "transparent", outline: "1px solid var(--accent)" },
    ".cm-selectionMatch": { backgroundColor: "var(--accent-soft)" },
    ".cm-panels": { backgroundColor: "var(--sunken)", color: "var(--ink)", borderColor: "var(--line)" },
    ".cm-panels input, .cm-panels button": { font: "inherit", backgroundImage: "none", backgroundColor: "var(--surface)", border: "1px solid var(--line-strong)", borderRadius: "4px" },
    ".cm-tooltip": { backgroundColor: "var(--raised)", color: "var(--ink)", border: "1px solid var(--line)" },
    ".cm-diagnostic-error": { borderLeftColor: "var(--bad)" },
    ".cm-foldPlaceholder": { backgroundColor: "var(--sunken)", color: "var(--muted)", borderColor: "var(--line)" },
  });

  const nonce = document.querySelector("meta[name=csp-nonce]")?.nonce || "";
  const editors = new WeakMap(); // textarea -> EditorView

  function mount(field) {
    if (editors.has(field)) return;
    if (field.dataset.draft) forgetOldDrafts(field);
    const holder = field.closest(".editor") || field.parentElement;
    const label = field.labels?.[0]?.textContent || field.getAttribute("aria-label") || "Editor";
    const view = new EditorView({
      state: EditorState.create({
        doc: draft(field) ?? field.value,
        extensions: [
          EditorView.cspNonce.of(nonce),
          EditorView.contentAttributes.of({ "aria-label": label, tabindex: "0", spellcheck: "false", autocapitalize: "off" }),
          lineNumbers(), highlightActiveLineGutter(), highlightSpecialChars(), history(), foldGutter(), drawSelection(), indentOnInput(),
          bracketMatching(), closeBrackets(), highlightActiveLine(), highlightSelectionMatches(), lintGutter(),
          syntaxHighlighting(colours), look, EditorState.tabSize.of(4), EditorState.readOnly.of(field.readOnly),
          // Ctrl-Enter and Ctrl-S are the page's. Escape, then Tab, leaves the editor.
          keymap.of([...closeBracketsKeymap, ...defaultKeymap.filter((binding) => binding.key !== "Mod-Enter"), ...searchKeymap, ...historyKeymap, ...foldKeymap, indentWithTab]),
          (languages[field.dataset.editor] || languages.text)(),
          EditorView.updateListener.of((update) => update.docChanged && changed(field, update.state.doc.toString())),
        ],
      }),
    });
    editors.set(field, view);
    holder.setAttribute("hx-morph-skip", "");
    field.hidden = true;
    field.after(view.dom);
    changed(field, view.state.doc.toString(), true);
    mark(field, field.dataset);
  }

  function changed(field, text, isFirst = false) {
    field.value = text;
    if (!isFirst) field.dispatchEvent(new Event("input", { bubbles: true }));
    const differs = text !== field.defaultValue;
    for (const told of document.querySelectorAll(`[data-differs="${field.id}"]`)) told.hidden = !differs;
    if (field.dataset.draft) {
      if (differs) sessionStorage.setItem(`draft:${field.dataset.draft}`, text);
      else sessionStorage.removeItem(`draft:${field.dataset.draft}`);
    }
  }
  // What was typed and not deployed comes back after going to another page, as long as nobody deployed something else meanwhile.
  // A draft on top of code that is not deployed any more is of no use.
  function forgetOldDrafts(field) {
    const own = `draft:${field.dataset.draft}`, family = own.slice(0, own.lastIndexOf("/") + 1);
    for (const key of Object.keys(sessionStorage)) if (key.startsWith(family) && key !== own) sessionStorage.removeItem(key);
  }
  const draft = (field) => (field.dataset.draft && !field.dataset.mark ? sessionStorage.getItem(`draft:${field.dataset.draft}`) : null);

  function mark(field, { mark, markLine }) {
    const view = editors.get(field);
    if (!view) return;
    const number = Math.min(Number(markLine) || 0, view.state.doc.lines);
    const line = number ? view.state.doc.line(number) : null;
    const from = line ? line.from + (/^\s*/.exec(line.text)?.[0].length ?? 0) : 0;
    view.dispatch(setDiagnostics(view.state, mark && line ? [{ from: Math.min(from, line.to), to: line.to, severity: "error", message: mark }] : []));
  }
  function goToLine(field, number) {
    const view = editors.get(field);
    if (!view) return;
    const line = view.state.doc.line(Math.max(1, Math.min(number, view.state.doc.lines)));
    view.dispatch({ selection: { anchor: line.from }, scrollIntoView: true });
    view.focus();
  }
  function setText(field, text) {
    const view = editors.get(field);
    if (!view || view.state.doc.toString() === text) return;
    view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
  }

  // A morph leaves an editor alone (hx-morph-skip); what the server says about it is taken over here.
  document.addEventListener("htmx:before:swap", (event) => {
    for (const { fragment, swapSpec } of event.detail.tasks) {
      if (!swapSpec?.style.endsWith("Morph")) continue;
      for (const fresh of fragment?.querySelectorAll?.("textarea[data-editor][id]") ?? []) {
        const field = document.getElementById(fresh.id), view = editors.get(field);
        if (!view) continue;
        const drawnWith = field.defaultValue;
        field.defaultValue = fresh.defaultValue;
        for (const name of ["draft", "mark", "markLine"]) {
          if (fresh.dataset[name]) field.dataset[name] = fresh.dataset[name];
          else delete field.dataset[name];
        }
        // Another text than the one it was drawn with (another event, another version) comes in; the same leaves what was typed.
        if (field.defaultValue !== drawnWith) setText(field, field.defaultValue);
        changed(field, view.state.doc.toString(), true);
        if (field.dataset.draft) forgetOldDrafts(field);
        mark(field, field.dataset);
      }
    }
  });
  const mountAll = () => document.querySelectorAll("textarea[data-editor]").forEach(mount);
  document.addEventListener("htmx:after:swap", mountAll);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-go-line]"), field = link && document.getElementById(link.hash.slice(1));
    if (!editors.has(field)) return;
    event.preventDefault();
    goToLine(field, Number(link.dataset.goLine));
  });
  document.addEventListener("reset", (event) => setTimeout(() => event.target.querySelectorAll("textarea[data-editor]").forEach((field) => setText(field, field.value))));
  mountAll();
  window.playground.editors = { setText, mark, goToLine };
})();
