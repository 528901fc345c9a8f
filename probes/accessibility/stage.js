// What every act needs of the document, as `thuocdo` in our own world of each frame.
(() => {
  "use strict";
  const kept = [];
  const walk = function* (root) {
    for (const element of root.querySelectorAll("*")) {
      yield element;
      if (element.shadowRoot) yield* walk(element.shadowRoot);
    }
  };
  // axe's own selectors are short and stable, but need its tree; ours are good enough to find a place again.
  const step = (element) => {
    if (element.id && element.getRootNode().querySelectorAll(`#${CSS.escape(element.id)}`).length === 1) return `#${CSS.escape(element.id)}`;
    const same = element.parentElement ? [...element.parentElement.children].filter((e) => e.localName === element.localName) : [element];
    return element.localName + (same.length > 1 ? `:nth-of-type(${same.indexOf(element) + 1})` : "");
  };
  const path = (element) => {
    const parts = [];
    for (let e = element; e; e = e.parentElement) {
      parts.unshift(step(e));
      if (parts[0].startsWith("#")) break;
    }
    const root = element.getRootNode();
    return root instanceof ShadowRoot ? `${path(root.host)} >>> ${parts.join(" > ")}` : parts.join(" > ");
  };
  // An element's markup, without what is in it where that is much.
  const markup = (element) => (element.childElementCount > 20 ? element.cloneNode(false) : element).outerHTML.slice(0, 500);
  // What a script says of its rules, one answer for Stage.verdict: `said` maps a rule's id to places, `most` of each outcome.
  const tally = (most = 1000) => {
    const said = {};
    const of = (rule) => (said[rule] ??= { passed: 0, failed: [], review: [] });
    const place = (rule, outcome, element, message) => { if (of(rule)[outcome].length < most) of(rule)[outcome].push(thuocdo.place(element, message)); };
    return {
      said,
      passed: (rule, count = 1) => { of(rule).passed += count; },
      failed: (rule, element, message = "") => place(rule, "failed", element, message),
      review: (rule, element, message = "") => place(rule, "review", element, message),
    };
  };
  const outer = () => { try { return window.frameElement ? `${step(window.frameElement)} >> ` : ""; } catch { return ""; } };
  const box = (element) => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return { x: x + scrollX, y: y + scrollY, width, height };
  };
  // Words from pictures, labels and text as an assistive technology would say them; needs axe's tree (withAxe).
  const name = (element) => !axe.utils.getNodeFromTree(element) ? "" : axe.commons.text.accessibleText(element).replace(/\s+/g, " ").trim();

  window.thuocdo = {
    all: (selector = "*", root = document) => [...walk(root)].filter((element) => element.matches(selector)),
    // Drawn at all: has a box, is not hidden. Not: on the screen now.
    drawn: (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && element.getClientRects().length > 0,
    // What is not in axe's tree is not drawn either: children of a shadow host that no slot takes.
    spoken: (element) => { const node = axe.utils.getNodeFromTree(element); return Boolean(node) && axe.commons.dom.isVisibleToScreenReaders(node); },
    role: (element) => { const node = axe.utils.getNodeFromTree(element); return node ? axe.commons.aria.getRole(node) : null; },
    name,
    box,
    // Remembers an element and returns its number; kept(number) gives it back, in a later call too.
    keep: (element) => { const at = kept.indexOf(element); return at >= 0 ? at : kept.push(element) - 1; },
    kept: (number) => kept[number],
    place: (element, message = "") => ({
      selector: outer() + path(element), snippet: markup(element), message: String(message).slice(0, 300),
      kept: window.thuocdo.keep(element), box: box(element),
    }),
    tally,
    // axe's functions need its tree of the document as it stands now.
    withAxe: (work) => { axe.setup(document); try { return work(); } finally { axe.teardown(); } },
  };
})()
