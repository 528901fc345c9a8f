// Texts of which less is seen than before: a function of {rule, before}: keeps how much is seen at the first call, tells at later ones
// of what more is cut off. Returns thuocdo.tally()'s said, null at the first call.
({ rule, before }) => {
  const LESS = 0.1;
  const cut = new Map(), shortened = new Set();
  // Share of a text's lines that lies within a box, in the directions in which it clips.
  const share = (lines, box, style) => {
    let all = 0, inside = 0;
    for (const { left, top, right, bottom } of lines) {
      const wide = style.overflowX === "visible" ? right - left : Math.max(0, Math.min(right, box.right + 2) - Math.max(left, box.left - 2));
      const high = style.overflowY === "visible" ? bottom - top : Math.max(0, Math.min(bottom, box.bottom + 3) - Math.max(top, box.top - 3));
      all += (right - left) * (bottom - top);
      inside += Math.min(wide, right - left) * Math.min(high, bottom - top);
    }
    return all ? inside / all : 1;
  };
  const clips = (style) => ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
  const walker = document.createTreeWalker(document.body ?? document.documentElement, NodeFilter.SHOW_TEXT);
  let count = 0;
  for (; walker.nextNode() && count < 4000; count++) {
    const parent = walker.currentNode.parentElement;
    if (walker.currentNode.data.trim().length < 2 || parent.closest("script,style,noscript,[aria-hidden=true]") || !thuocdo.drawn(parent)) continue;
    const range = document.createRange();
    range.selectNodeContents(walker.currentNode);
    const text = range.getBoundingClientRect();
    if (text.width < 1 || text.height < 1) continue;
    const lines = [...range.getClientRects()].slice(0, 200);
    for (let e = parent, level = 0; e && e !== document.body && level < 6; e = e.parentElement, level++) {
      const style = getComputedStyle(e);
      if (["auto", "scroll"].includes(style.overflowX) || ["auto", "scroll"].includes(style.overflowY)) break;
      if (!clips(style)) continue;
      const box = e.getBoundingClientRect();
      // Out of sight on purpose: an ellipsis that the full text stands behind, or what only screen readers read.
      if (box.width <= 1 || box.height <= 1 || style.clip === "rect(0px, 0px, 0px, 0px)") break;
      const short = style.textOverflow === "ellipsis" || style.webkitLineClamp !== "none";
      const told = short && (e.title || e.closest("a[href],[title]") || e.nextElementSibling?.matches("a[href],button,summary"));
      if (short) shortened.add(parent);
      const seen = told ? 1 : share(lines, box, style);
      if (seen < 1) cut.set(parent, Math.min(seen, cut.get(parent) ?? 1));
    }
  }
  if (before) {
    thuocdo.cutBefore = cut;
    return null;
  }
  const found = thuocdo.tally();
  found.passed(rule, Math.max(0, Math.min(count, 4000) - cut.size));
  for (const [element, seen] of cut) if (seen < (thuocdo.cutBefore.get(element) ?? 1) - LESS) found[shortened.has(element) ? "review" : "failed"](rule, element, element.textContent.replace(/\s+/g, " ").trim());
  return found.said;
}
