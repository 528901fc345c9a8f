// Texts whose contrast the engine could not decide: a function of {most}; {kept, box, large, place} of each, boxes in CSS px of the
// document. Disabled controls and what is hidden are no matter.
async ({ most }) => {
  const result = await axe.run(document, { runOnly: { type: "rule", values: ["color-contrast"] }, resultTypes: ["incomplete"], elementRef: true, iframes: false });
  const elements = [...new Set(result.incomplete.flatMap((rule) => rule.nodes.map((node) => node.element)).filter(Boolean))];
  const texts = [];
  for (const element of elements) {
    if (!thuocdo.drawn(element) || element.closest("[disabled],[aria-disabled=true],[inert]")) continue;
    const own = [...element.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE && node.data.trim().length > 1);
    if (!own.length) continue;
    const range = document.createRange();
    range.selectNodeContents(own[0]);
    const { x, y, width, height } = range.getBoundingClientRect();
    if (width < 4 || height < 4 || width > 2000 || height > 2000) continue;
    const style = getComputedStyle(element), points = parseFloat(style.fontSize) * 0.75;
    texts.push({
      kept: thuocdo.keep(element), box: { x: x + scrollX, y: y + scrollY, width, height },
      large: points >= 18 || (points >= 14 && parseInt(style.fontWeight) >= 700), place: thuocdo.place(element, ""),
    });
    if (texts.length >= most) break;
  }
  return texts;
}
