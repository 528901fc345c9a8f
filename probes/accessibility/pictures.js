// Every picture of one document, in sight or not: a function of nothing; {kept, spoken, name, empty, hint, alone, size, box, place} of
// each. empty = marked as decoration; hint = what the page itself says of it; caption = where that is its caption alone; alone = the only content of a figure or main part.
() => thuocdo.withAxe(() => {
  const plain = (text) => (text || "").normalize("NFC").replace(/\s+/gu, " ").trim();
  return thuocdo.all("img,svg,canvas,[role=img]").filter((e) => thuocdo.drawn(e) && !(e.localName === "img" && !e.naturalWidth)).slice(0, 200).map((e) => {
    const { x, y, width, height } = e.getBoundingClientRect();
    const marked = e.getAttribute("aria-hidden") === "true" || ["none", "presentation"].includes(e.getAttribute("role")) || (e.localName === "img" && e.getAttribute("alt") === "");
    const figure = e.closest("figure"), caption = plain(figure?.querySelector("figcaption")?.textContent), main = e.closest("main") ?? document.body ?? document.documentElement;
    const hint = plain([e.localName === "img" && marked ? e.getAttribute("alt") : "", e.getAttribute("aria-label"), e.title,
      caption, e.localName === "svg" ? e.querySelector("title")?.textContent : ""].filter(Boolean).join(" "));
    return {
      spoken: thuocdo.spoken(e) && !marked, tag: e.localName, marked, hint, caption: hint === caption ? caption : "", name: marked ? "" : thuocdo.name(e),
      inControl: Boolean(e.closest("a[href],button,[role=button],[role=link],label")),
      alone: !plain(main.innerText ?? main.textContent) && main.querySelectorAll("img,svg,canvas").length === 1,
      focusable: e.tabIndex >= 0 && e.hasAttribute("tabindex"), natural: e.localName === "img" ? e.naturalWidth * e.naturalHeight : width * height,
      box: { x: x + scrollX, y: y + scrollY, width, height }, place: thuocdo.place(e, hint),
    };
  });
})
