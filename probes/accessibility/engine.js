// Runs axe-core in our world of the main frame and returns what is needed of the result. A function of {places, only, without,
// onlyNew}: how many places to return per rule; ids of rules that run, null = all; ids of those that do not; whether to look only at
// what was not drawn when it was called before (null: there is nothing new). Every other rule runs that is not deprecated: which of
// them cost points is decided elsewhere.
async ({ places, only, without, onlyNew }) => {
  const rulesToRun = axe.getRules().filter((rule) => !rule.tags.includes("deprecated")).map((rule) => rule.ruleId)
    .filter((id) => !without.includes(id) && (only?.includes(id) ?? true));
  const drawn = thuocdo.all().filter(thuocdo.drawn);
  const fresh = onlyNew ? drawn.filter((element) => !thuocdo.drawnBefore.has(element)) : [];
  const known = new Set(fresh);
  thuocdo.drawnBefore = new Set(drawn);
  const outermost = fresh.filter((element) => !known.has(element.parentElement)).slice(0, 200);
  if (onlyNew && !outermost.length) return null;
  // A page has a few colours on thousands of places; axe-core reads each anew, half of what the contrast of a page costs.
  const { Color } = axe.commons.color;
  const { parseString } = Color.prototype;
  const colours = new Map();
  Color.prototype.parseString = function (text) {
    if (!colours.has(text)) colours.set(text, new Color(parseString.call(this, text)));
    const { r, g, b, alpha } = colours.get(text);
    return Object.assign(this, { r, g, b, alpha });
  };
  // Places that passed are only counted: to describe each of them would cost as much as to find it.
  const passed = new Map();
  axe.addReporter("counted", (results, options, done, failed) => {
    for (const rule of results) {
      passed.set(rule.id, rule.passes.length);
      rule.passes = rule.passes.slice(0, 1);
    }
    axe.getReporter("v2")(results, options, done, failed);
  });
  const options = { runOnly: { type: "rule", values: rulesToRun }, elementRef: true, reporter: "counted" };
  const result = await axe.run(onlyNew ? { include: outermost } : document, options);

  // Three things that axe-core does not know: signs that are no words need no contrast, behind an open modal dialog nothing can be
  // reached, and a page without style sheets locks no orientation.
  const FOCUS = ["frame-focusable-content", "aria-hidden-focus", "scrollable-region-focusable"];
  const modal = document.querySelector(":modal");
  const isText = (text) => (text.match(/[\p{L}\p{N}]/gu) ?? []).length >= text.replace(/\s/gu, "").length / 5;
  const outermostElement = (node) => node.target.length > 1 ? document.querySelector([node.target[0]].flat()[0]) : node.element;
  const counts = (rule) => (node) => !(rule.id.startsWith("color-contrast") && node.element && !isText(node.element.textContent))
    && !(modal && FOCUS.includes(rule.id) && !modal.contains(outermostElement(node)));
  // Whether items that custom elements or slots part from their list belong to it, those who wrote the rules do not agree upon: a
  // person looks at it.
  const isOpen = (one) => one.localName === "slot" ? one.assignedElements().every(isOpen) : one.localName.includes("-") || one.matches("li,dt,dd,[role=listitem],script,template,style");
  const isApart = (one) => !one.parentElement || one.parentElement.localName === "slot" || one.parentElement.localName.includes("-");
  const undecided = { "list": (one) => [...one.children].every(isOpen), "definition-list": (one) => [...one.children].every(isOpen), "listitem": isApart, "dlitem": isApart };
  for (const rule of result.violations.filter(({ id }) => id in undecided)) {
    const open = rule.nodes.filter((node) => node.element && undecided[rule.id](node.element));
    if (!open.length) continue;
    rule.nodes = rule.nodes.filter((node) => !open.includes(node));
    const asked = result.incomplete.find(({ id }) => id === rule.id);
    if (asked) asked.nodes.push(...open);
    else result.incomplete.push({ ...rule, nodes: open });
  }
  for (const outcome of ["violations", "incomplete"]) {
    for (const rule of result[outcome]) rule.nodes = outcome === "incomplete" && rule.id === "css-orientation-lock" ? [] : rule.nodes.filter(counts(rule));
    result[outcome] = result[outcome].filter((rule) => rule.nodes.length);
  }
  const acts = new Map(axe.getRules().map((rule) => [rule.ruleId, rule.actIds ?? []]));
  const severities = new Map(axe._audit.rules.map((rule) => [rule.id, rule.impact]));
  const selector = (target) => target.map((part) => [part].flat().join(" >>> ")).join(" >> ");
  // Both ways to the element, one a line, as positions.js gives them; one in a frame has to be looked for.
  const element = (node) => node.element ?? node.target.reduce((root, part) => {
    const found = [part].flat().reduce((from, one) => (from.shadowRoot ?? from).querySelector(one), root.contentDocument ?? root);
    return found ?? document.documentElement;
  }, document);
  const positions = (node) => { try { return thuocdo.positions(element(node)); } catch { return ""; } };
  const place = (node) => ({ selector: `${selector(node.target)}\n${positions(node)}`, snippet: node.html, message: node.failureSummary ?? "" });
  const stops = (node) => /^<[^>]*\s(required|aria-required="true")[\s=>]/i.test(node.html);
  const rules = new Map();
  for (const outcome of ["passes", "violations", "incomplete"]) {
    for (const { id, impact, help, helpUrl, tags, nodes } of result[outcome]) {
      const severity = severities.get(id) ?? impact ?? "moderate";
      const rule = rules.get(id) ?? { id, severity, help, helpUrl, tags, act: acts.get(id) ?? [] };
      rule[outcome] = { count: outcome === "passes" ? passed.get(id) : nodes.length, impact: impact ?? severity, required: nodes.some(stops) };
      if (outcome !== "passes") rule[outcome].places = nodes.slice(0, places).map(place);
      rules.set(id, rule);
    }
  }
  const inapplicable = result.inapplicable.map((rule) => rule.id);
  return { version: result.testEngine.version, rules: [...rules.values()], inapplicable };
}
