// The texts of one document by the language that they are said to be in: {lang, text, own, rtl, place} for each element with a
// `lang` (the document first), and its long blocks one by one. Names, code and addresses are no language.
() => {
  const SKIP = "code,pre,kbd,samp,var,script,style,noscript,template,[translate=no],.notranslate,textarea,address";
  const plain = (text) => text.replace(/https?:\S+|\S+@\S+|[\w-]+(\.[\w-]+)+/g, " ").replace(/\s+/gu, " ").trim();
  const root = document.documentElement;
  const parts = new Map();
  const part = (element) => {
    if (!parts.has(element)) parts.set(element, { texts: [], blocks: new Map() });
    return parts.get(element);
  };
  part(root);
  if (window === window.top && document.title) part(root).texts.push(document.title);
  const walker = document.createTreeWalker(document.body ?? root, NodeFilter.SHOW_TEXT);
  for (let count = 0; walker.nextNode() && count < 8000; count++) {
    const parent = walker.currentNode.parentElement, text = plain(walker.currentNode.data);
    if (!text || parent.closest(SKIP) || !thuocdo.drawn(parent)) continue;
    const said = parent.closest("[lang]") ?? root;
    const block = parent.closest("p,li,td,dd,blockquote,h1,h2,h3,h4,figcaption,div,section,article") ?? parent;
    const one = part(said);
    one.texts.push(text);
    if (block !== said) one.blocks.set(block, `${one.blocks.get(block) ?? ""} ${text}`);
  }
  for (const image of document.querySelectorAll("img[alt]")) if (image.alt.trim() && thuocdo.drawn(image)) part(image.closest("[lang]") ?? root).texts.push(image.alt);
  const RTL = /[\u0590-\u08ff]/g;
  return [...parts].map(([element, { texts, blocks }]) => ({
    page: element === root, lang: (element.getAttribute("lang") ?? "").slice(0, 40), text: texts.join(". ").slice(0, 5000),
    rtl: ((texts.join("").match(RTL) ?? []).length > 20) && getComputedStyle(element).direction !== "rtl",
    place: thuocdo.place(element, ""),
    blocks: [...blocks].filter(([, text]) => text.length >= 80).slice(0, 100).map(([block, text]) => ({ text: text.trim().slice(0, 1000), place: thuocdo.place(block, "") })),
  })).filter((one) => one.text || one.page);
}
