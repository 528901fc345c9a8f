// Where elements stand by positions alone, after stage.js: what is told of a place whose ids and classes are words of the page's own.
(() => {
  "use strict";
  // Counted once for each parent: a list of 100,000 may hold every place. Good until the script that asks has ended.
  let counted = null;
  const steps = (parent) => {
    if (!counted) {
      counted = new Map();
      Promise.resolve().then(() => { counted = null; });
    }
    if (!counted.has(parent)) {
      const all = new Map();
      const said = new Map();
      let number = 0;
      for (const child of parent.children) all.set(child.localName, (all.get(child.localName) ?? 0) + 1);
      const before = new Map();
      for (const child of parent.children) {
        const name = child.localName;
        number += 1;
        before.set(name, (before.get(name) ?? 0) + 1);
        const plain = /^[a-z][a-z0-9]*$/i.test(name) ? name + (all.get(name) > 1 ? `:nth-of-type(${before.get(name)})` : "") : `*:nth-child(${number})`;
        said.set(child, plain);
      }
      counted.set(parent, said);
    }
    return counted.get(parent);
  };
  const step = (element) => (element.parentNode?.children ? steps(element.parentNode).get(element) : null) ?? "*";
  const within = (element) => {
    const way = [];
    for (let one = element; one; one = one.parentElement) way.unshift(step(one));
    const root = element.getRootNode();
    return (root instanceof ShadowRoot ? `${within(root.host)} >>> ` : "") + way.join(" > ");
  };
  const frame = (element) => { try { return element.ownerDocument.defaultView?.frameElement ?? null; } catch { return null; } };
  thuocdo.positions = (element) => (frame(element) ? `${thuocdo.positions(frame(element))} >> ` : "") + within(element);
  // Both, one a line: probes.redaction.markup takes the first that says nothing but what is known.
  const { place } = thuocdo;
  thuocdo.place = (element, message) => {
    const told = place(element, message);
    return { ...told, selector: `${told.selector}\n${thuocdo.positions(element)}` };
  };
})()
