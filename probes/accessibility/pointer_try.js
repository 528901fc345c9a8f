// What becomes of things that show under the pointer, as `thuocdo.pointer` in our world.
() => {
  const shown = (numbers) => numbers.some((number) => thuocdo.drawn(thuocdo.kept(number)));
  const middle = (element) => { const { left, top, width, height } = element.getBoundingClientRect(); return { x: left + width / 2, y: top + height / 2 }; };
  const focusable = (element) => [element, ...element.querySelectorAll("a[href],button,input,select,textarea,[tabindex]"), ...(element.nextElementSibling ? [element.nextElementSibling] : [])]
    .filter((e) => e.tabIndex >= 0 && !e.disabled && thuocdo.drawn(e));
  thuocdo.pointer = {
    shown,
    aim: (number) => { const e = thuocdo.kept(number); e.scrollIntoView({ block: "center", behavior: "instant" }); return middle(e); },
    over: (numbers) => { const e = numbers.map(thuocdo.kept).find(thuocdo.drawn); return e ? middle(e) : null; },
    // Whether the keyboard alone brings it up: by the focus on the place or on what is in it, or by a switch that says so.
    byKeyboard: ({ number, hidden }) => {
      const element = thuocdo.kept(number);
      if (element.closest("[aria-expanded],[aria-haspopup]") || element.querySelector("[aria-expanded],[aria-haspopup],summary")) return true;
      for (const one of focusable(element).slice(0, 3)) {
        one.focus();
        const there = shown(hidden);
        one.blur();
        if (there) return true;
      }
      return false;
    },
    // Whether what is shown can be had in another way: each of its links stands elsewhere on the page, too.
    elsewhere: (numbers) => {
      const links = numbers.map(thuocdo.kept).flatMap((e) => [e, ...e.querySelectorAll("a[href]")]).filter((e) => e.matches("a[href]"));
      return links.length > 0 && links.every((link) => [...document.links].some((other) => other !== link && other.href === link.href && thuocdo.drawn(other)));
    },
    // Whether it lies over something that can be read or pressed.
    covers: (numbers) => {
      const e = numbers.map(thuocdo.kept).find(thuocdo.drawn);
      return Boolean(e) && ["absolute", "fixed"].includes(getComputedStyle(e).position);
    },
  };
}
