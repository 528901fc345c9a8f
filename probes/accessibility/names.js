// Controls whose name was written apart from what is seen on them: {seen, name, place}.
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
  return labelled;
})
