// Runs axe-core in its own world of the main frame and returns what is needed of the result, as JSON. A function of
// {tags, places}: the WCAG tags to run, and how many places to return per rule.
async ({ tags, places }) => {
  const result = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    rules: { "target-size": { enabled: true } }, // WCAG 2.2 AA, but off in axe-core unless asked for
  });
  const acts = new Map(axe.getRules().map((rule) => [rule.ruleId, rule.actIds ?? []]));
  const severities = new Map(axe._audit.rules.map((rule) => [rule.id, rule.impact]));
  const selector = (target) => target.map((part) => [part].flat().join(" >>> ")).join(" >> ");
  const place = (node) => ({ selector: selector(node.target), snippet: node.html, message: node.failureSummary ?? "" });
  const rules = new Map();
  for (const outcome of ["passes", "violations", "incomplete"]) {
    for (const { id, impact, help, helpUrl, tags, nodes } of result[outcome]) {
      const severity = severities.get(id) ?? impact ?? "moderate";
      const rule = rules.get(id) ?? { id, severity, help, helpUrl, tags, act: acts.get(id) ?? [] };
      rule[outcome] = { count: nodes.length, impact: impact ?? severity };
      if (outcome !== "passes") rule[outcome].places = nodes.slice(0, places).map(place);
      rules.set(id, rule);
    }
  }
  const inapplicable = result.inapplicable.map((rule) => rule.id);
  return JSON.stringify({ version: result.testEngine.version, rules: [...rules.values()], inapplicable });
}
