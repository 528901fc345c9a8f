// Where elements stand by positions alone, after stage.js: what is told of a place whose ids and classes are words of the page's own.
(() => {
  "use strict";
  const step = (element) => {
    const beside = element.parentElement ? [...element.parentElement.children] : [element];
    if (!/^[a-z][a-z0-9]*$/i.test(element.localName)) return `*:nth-child(${beside.indexOf(element) + 1})`;
    const alike = beside.filter((one) => one.localName === element.localName);
    return element.localName + (alike.length > 1 ? `:nth-of-type(${alike.indexOf(element) + 1})` : "");
  };
  const within = (element) => {
    const steps = [];
    for (let one = element; one; one = one.parentElement) steps.unshift(step(one));
    const root = element.getRootNode();
    return (root instanceof ShadowRoot ? `${within(root.host)} >>> ` : "") + steps.join(" > ");
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
