// How well the edges of fields can be told from what is around them: a function of nothing; returns thuocdo.tally()'s said.
() => {
  const found = thuocdo.tally(), rule = "field-border-faint", LEAST = 3;
  const parse = (text) => {
    const parts = text.match(/[\d.]+/g)?.map(Number) ?? [0, 0, 0, 0];
    return { rgb: parts.slice(0, 3), alpha: parts[3] ?? 1 };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  // The colour behind an element; null where a picture, gradient or veil makes it unknown.
  const behind = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const style = getComputedStyle(e), { rgb, alpha } = parse(style.backgroundColor);
      if (style.backgroundImage !== "none" || (alpha > 0 && alpha < 1) || parseFloat(style.opacity) < 1) return null;
      if (alpha === 1) return rgb;
    }
    return [255, 255, 255];
  };
  const FIELDS = "input:not([type=hidden],[type=submit],[type=button],[type=reset],[type=image],[type=range],[type=color],[type=file]),select,textarea";
  for (const field of thuocdo.all(FIELDS).slice(0, 300)) {
    const style = getComputedStyle(field);
    if (!thuocdo.drawn(field) || field.disabled || (["checkbox", "radio"].includes(field.type) && style.appearance !== "none")) continue;
    const around = behind(field.parentElement), inside = behind(field);
    if (!around || !inside || style.boxShadow !== "none" || style.outlineStyle !== "none") continue;
    const edges = ["Top", "Right", "Bottom", "Left"].filter((side) => parseFloat(style[`border${side}Width`]) > 0 && style[`border${side}Style`] !== "none").map((side) => parse(style[`border${side}Color`]));
    if (edges.some(({ alpha }) => alpha > 0 && alpha < 1)) continue;
    const best = Math.max(ratio(inside, around), ...edges.filter(({ alpha }) => alpha === 1).map(({ rgb }) => ratio(rgb, around)));
    if (best < LEAST) found.review(rule, field, `${best.toFixed(1)}:1 < ${LEAST}:1`);
    else found.passed(rule);
  }
  return found.said;
}
