// What the markup says of text spacing, zooming and names: a function of nothing; returns thuocdo.tally()'s said.
() => thuocdo.withAxe(() => {
  const found = thuocdo.tally();

  // Least spacing by WCAG 1.4.12, as a share of the size of the letters.
  const LEAST = { "letter-spacing": 0.12, "word-spacing": 0.16, "line-height": 1.5 };
  const texts = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT), nodes = [];
    while (walker.nextNode() && nodes.length < 200) if (walker.currentNode.data.trim()) nodes.push(walker.currentNode);
    return nodes;
  };
  const lines = (node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size;
  };
  const shown = (element) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return thuocdo.drawn(element) && right + scrollX > 0 && bottom + scrollY > 0 && right > left && bottom > top;
  };
  for (const element of thuocdo.all("[style*=important i]").slice(0, 500)) {
    for (const [property, least] of Object.entries(LEAST)) {
      if (element.style.getPropertyPriority(property) !== "important") continue;
      if (/^(inherit|unset|revert|revert-layer)$/.test(element.style.getPropertyValue(property))) continue; // set elsewhere
      const own = texts(element).filter(({ parentElement: parent }) => {
        // Nothing between here and the text sets it anew.
        for (let e = parent; e !== element; e = e.parentElement) if (e.style.getPropertyValue(property)) return false;
        return shown(parent);
      }).filter((node) => property !== "line-height" || lines(node) > 1);
      if (!own.length) continue;
      const narrow = own.filter(({ parentElement: parent }) => {
        const style = getComputedStyle(parent), value = parseFloat(style.getPropertyValue(property));
        return (Number.isNaN(value) ? 0 : value) < least * parseFloat(style.fontSize) - 0.01;
      });
      if (narrow.length) found.failed("text-spacing-fixed", element, `${property}: ${element.style.getPropertyValue(property)}`);
      else found.passed("text-spacing-fixed");
    }
  }

  // Browsers read unknown words as a scale of 0 (user-scalable) or 0.1 (maximum-scale).
  const KNOWN = /^(yes|no|device-width|device-height|-?\d.*|-?\.\d.*)$/i;
  for (const meta of document.querySelectorAll("meta[name=viewport i][content]")) {
    const given = Object.fromEntries(meta.content.split(/[,;\s]+/).map((one) => one.split("=").map((part) => part.trim().toLowerCase())));
    const unknown = ["user-scalable", "maximum-scale"].filter((name) => given[name] && !KNOWN.test(given[name]));
    if (unknown.length) found.failed("zoom-blocked-by-mistake", meta, unknown.map((name) => `${name}=${given[name]}`).join(", "));
    else if (given["user-scalable"] || given["maximum-scale"]) found.passed("zoom-blocked-by-mistake");
  }

  const NAMELESS = ["caption", "code", "definition", "deletion", "emphasis", "generic", "insertion", "mark", "none", "paragraph", "presentation", "strong", "subscript", "superscript", "suggestion", "term", "time"];
  const NAMES = ["aria-label", "aria-labelledby", "aria-braillelabel"], KINDS = ["aria-roledescription", "aria-brailleroledescription"];
  for (const element of thuocdo.all([...NAMES, ...KINDS].map((name) => `[${name}]`).join(",")).slice(0, 1000)) {
    if (!thuocdo.spoken(element)) continue;
    const role = thuocdo.role(element), stated = element.getAttribute("role");
    const effective = role ?? (["none", "presentation"].includes(stated) ? stated : ["div", "span", "b", "i", "u", "small"].includes(element.localName) ? "generic" : element.localName === "p" ? "paragraph" : "");
    const prohibited = [
      ...(NAMELESS.includes(effective) ? NAMES : []),
      ...(["generic", "none", "presentation"].includes(effective) || ["none", "presentation"].includes(stated) ? KINDS : []),
    ].filter((name) => element.hasAttribute(name));
    if (prohibited.length) found.failed("name-where-none-is-read", element, prohibited.join(", "));
    else found.passed("name-where-none-is-read");
  }
  return found.said;
})
