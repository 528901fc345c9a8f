// Lets axe-core read, in our world alone, what the browser says of elements: a function of [{kept, role, name}], "" = nothing to add.
// The page's document stays as it is.
(told) => {
  thuocdo.given ??= new Map();
  for (const { kept, role, name } of told) {
    const element = thuocdo.kept(kept), added = {};
    if (role && axe.commons.aria.isValidRole(role)) added.role = role;
    if (name) added["aria-label"] = name;
    if (Object.keys(added).length) thuocdo.given.set(element, added);
  }
  if (!thuocdo.given.size || thuocdo.readsGiven) return;
  thuocdo.readsGiven = true;
  const { getAttribute, hasAttribute } = Element.prototype;
  const added = (element, name) => thuocdo.given.get(element)?.[name];
  Element.prototype.getAttribute = function (name) { return getAttribute.call(this, name) || (added(this, name) ?? getAttribute.call(this, name)); };
  Element.prototype.hasAttribute = function (name) { return hasAttribute.call(this, name) || added(this, name) !== undefined; };
}
