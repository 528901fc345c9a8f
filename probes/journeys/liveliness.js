// How soon a form answers: what is typed or chosen, until the next frame is drawn. Everything is put back as it was.
(() => {
  "use strict";
  const TEXTS = "input:not([type]),input[type=text],input[type=search],input[type=tel],input[type=email],input[type=number],textarea";
  const usable = (element) =>
    element.getClientRects().length > 0 && element.checkVisibility({ visibilityProperty: true }) && !element.matches(":disabled");
  // The frame after an event is drawn when a task that was asked for in it runs.
  const drawn = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(() => resolve(performance.now()))));
  // Set as a person's act would, whatever a framework has put before the element's own setter.
  const put = (element, value) => {
    const prototype = element instanceof HTMLTextAreaElement ? HTMLTextAreaElement : element instanceof HTMLSelectElement ? HTMLSelectElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(prototype.prototype, "value").set.call(element, value);
    for (const name of ["input", "change"]) element.dispatchEvent(new Event(name, { bubbles: true }));
  };
  const spread = (elements, most) => elements.filter((_, index) => index % Math.ceil(elements.length / most) === 0).slice(0, most);
  let chosen = [], typed = null, before = "", answered = null;

  return {
    texts: (most) => {
      const all = [...document.querySelectorAll(TEXTS)].filter((e) => usable(e) && !e.readOnly && !e.list && e.getAttribute("role") !== "combobox");
      return (chosen = spread(all, most)).length;
    },
    focus: (index) => {
      typed = chosen[index];
      before = typed.value;
      typed.focus({ preventScroll: true });
      answered = new Promise((resolve) =>
        typed.addEventListener("keydown", (event) => drawn().then((at) => resolve(at - event.timeStamp)), { once: true, capture: true }));
      return document.activeElement === typed || (typed.getRootNode().activeElement === typed);
    },
    typed: () => answered,
    restore: () => {
      if (typed.value !== before) put(typed, before);
      typed.blur();
      return typed.value === before;
    },
    choose: async (most) => {
      let worst = null;
      for (const list of spread([...document.querySelectorAll("select")].filter((e) => usable(e) && !e.multiple && !window.thuocdoRefuses(e, true)), most)) {
        const was = list.value;
        const other = [...list.options].find((option) => !option.disabled && option.value && option.value !== was && !window.thuocdoRefuses(option, true));
        if (!other) continue;
        const began = performance.now();
        put(list, other.value);
        worst = Math.max(worst ?? 0, (await drawn()) - began);
        put(list, was);
      }
      return worst;
    },
  };
})
