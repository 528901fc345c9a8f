"""Enter on a control: the one way in which acts press anything that is not for moving about."""

from probes.accessibility.stage import ActContext

# A page may send the focus on, or make another control of this one, in the moment it gets the focus.
_MAY = """async (number) => {
  const control = thuocdo.kept(number);
  for (let tries = 0; tries < 2; tries += 1) { // what had the focus may send it elsewhere once
    control.focus();
    await new Promise((done) => setTimeout(done, 12));
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    if (at === control) return !thuocdo.acts.control(control);
  }
  return false;
}"""


async def press_enter(stage: ActContext, number: int) -> bool:
    """
    Give the focus to a kept control and press Enter.

    Returns:
        Whether it was pressed: not where it does not keep the focus, nor where the list of acts (probes.forbidden_acts) names it.

    """
    if not await stage.ask(_MAY, number):
        return False
    await stage.press("Enter")
    return True
