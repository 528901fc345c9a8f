// What opens a dialog of this document, and what becomes of it, as `thuocdo.dialogs` in our world. A function of {most}; returns the
// kept numbers of openers: buttons that send nothing and say that they open a dialog.
({ most }) => {
  const SAY_SO = "[aria-haspopup=dialog],[data-bs-toggle=modal],[data-toggle=modal],[command=show-modal],[onclick*=showModal],[onclick*=modal i],[onclick*=dialog i]";
  const STAYING = "button[type=button],button:not(form button),a[href^='#'],a:not([href])[role=button],[role=button]:not(a[href])";
  const DIALOGS = "dialog[open],[role=dialog],[role=alertdialog],[aria-modal=true]";
  const FOCUSABLE = "a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]";
  const CLOSES = /^(đóng|đóng lại|đóng cửa sổ|bỏ qua|close|close dialog|close window|dismiss|×|x|✕|✖|✗|╳)$/iu;
  const controlled = (button) => {
    const to = document.getElementById(button.getAttribute("aria-controls") ?? "");
    return Boolean(to?.matches("dialog,[role=dialog],[role=alertdialog],[aria-modal=true]"));
  };
  const before = new Set(thuocdo.all(DIALOGS).filter(thuocdo.drawn));
  const focusables = (dialog) => thuocdo.all(FOCUSABLE, dialog).filter((e) => e.tabIndex >= 0 && !e.disabled && thuocdo.drawn(e));
  const active = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at && at !== document.body && at !== document.documentElement ? at : null;
  };
  const within = (number) => { const at = active(); return Boolean(at && thuocdo.kept(number).contains(at)); };
  thuocdo.dialogs = {
    open: () => thuocdo.withAxe(() => {
      const dialog = thuocdo.all(DIALOGS).find((one) => thuocdo.drawn(one) && !before.has(one));
      if (!dialog) return null;
      const buttons = thuocdo.all("button,[role=button]", dialog).filter(thuocdo.drawn);
      return {
        kept: thuocdo.keep(dialog), place: thuocdo.place(dialog, thuocdo.name(dialog)), focusable: focusables(dialog).length,
        modal: dialog.matches(":modal,[aria-modal=true]"), buttons: buttons.length,
        closers: buttons.filter((one) => CLOSES.test(thuocdo.name(one).normalize("NFC")) && !thuocdo.acts.control(one)).map(thuocdo.keep),
      };
    }),
    inside: within,
    behind: (number) => Boolean(active()) && !within(number),
    enter: (number) => focusables(thuocdo.kept(number))[0]?.focus(),
    closed: (number) => !thuocdo.kept(number).isConnected || !thuocdo.drawn(thuocdo.kept(number)),
    returned: (number) => Boolean(active()) || active() === thuocdo.kept(number),
  };
  return thuocdo.all(STAYING).filter((button) => (button.matches(SAY_SO) || controlled(button)) && thuocdo.drawn(button) && !button.disabled && !thuocdo.acts.control(button))
    .slice(0, most).map(thuocdo.keep);
}
