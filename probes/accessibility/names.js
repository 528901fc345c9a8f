// Controls whose name was written apart from what is seen on them: {seen, name, place}; and groups of links or frames with one
// name that lead to different addresses: {kind, name, same, targets: [{url, place}]}, same = they stand in one sentence.
() => thuocdo.withAxe(() => {
  const plain = (text) => (text || "").normalize("NFC").replace(/\s+/gu, " ").trim();
  const ROLES = "a[href],button,summary,input[type=button],input[type=submit],input[type=reset],[role=button],[role=link],[role=checkbox],[role=menuitem],[role=menuitemcheckbox],[role=menuitemradio],[role=option],[role=radio],[role=switch],[role=tab],[role=treeitem]";
  // What is seen, letter by letter: hidden parts, clipped parts and letters that a font draws as icons are left out.
  const seen = (element) => {
    if (element.localName === "input") return plain(element.value);
    const parts = [];
    let whole = true;
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const parent = walker.currentNode.parentElement, style = getComputedStyle(parent);
      const { width, height } = parent.getBoundingClientRect();
      if (!thuocdo.drawn(parent) || width <= 1 || height <= 1 || style.clip === "rect(0px, 0px, 0px, 0px)" || style.clipPath === "inset(50%)") { whole = false; continue; }
      if (/icon|material|awesome|glyph|symbol/i.test(`${style.fontFamily} ${parent.className}`)) { whole = false; continue; }
      parts.push(walker.currentNode.data);
    }
    return plain(whole ? element.innerText : parts.join(" "));
  };
  const labelled = thuocdo.all(ROLES).filter((e) => (e.hasAttribute("aria-label") || e.hasAttribute("aria-labelledby")) && thuocdo.drawn(e) && thuocdo.spoken(e))
    .slice(0, 500).map((e) => ({ seen: seen(e), name: thuocdo.name(e), place: thuocdo.place(e, "") })).filter((one) => one.seen && one.name);

  const sentence = (element) => element.closest("p,li,td,th,dd,dt,blockquote,h1,h2,h3,h4") ?? element.parentElement;
  const groups = new Map();
  for (const link of thuocdo.all("a[href]").slice(0, 1500)) {
    if (!thuocdo.spoken(link) || !/^https?:$/.test(link.protocol ?? "")) continue;
    const name = thuocdo.name(link).toLowerCase(), key = `link ${name}`;
    if (name) groups.set(key, [...(groups.get(key) ?? []), { url: link.href.split("#")[0], element: link, around: sentence(link) }]);
  }
  for (const frame of thuocdo.all("iframe[src]").slice(0, 50)) {
    const name = thuocdo.name(frame).toLowerCase(), key = `frame ${name}`;
    if (name && thuocdo.spoken(frame)) groups.set(key, [...(groups.get(key) ?? []), { url: frame.src.split("#")[0], element: frame, around: null }]);
  }
  const doubtful = [...groups].filter(([, all]) => new Set(all.map((one) => one.url)).size > 1).slice(0, 6).map(([key, all]) => {
    const first = all[0], other = all.find((one) => one.url !== first.url);
    return {
      kind: key.split(" ")[0], name: key.slice(key.indexOf(" ") + 1), same: first.around === other.around,
      targets: [first, other].map((one) => ({ url: one.url, place: thuocdo.place(one.element, one.url) })),
    };
  });
  return { labelled, doubtful };
})
