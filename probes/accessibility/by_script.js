// What scripts may have given a name or a role that no attribute shows: {kept: number} of each, for the browser to be asked.
// Custom elements by their internals; whatever is labelled by elements that a script handed over, which leaves an empty attribute.
(most) => {
  const handed = thuocdo.all('[aria-labelledby=""]').filter((one) => one.ariaLabelledByElements?.length);
  const custom = thuocdo.all().filter((one) => one.localName.includes("-") && !one.hasAttribute("role") && one.matches(":defined"));
  return [...handed, ...custom].slice(0, most).map(thuocdo.keep);
}
