"""Enter on a control: the one way in which acts press anything that is not for moving about."""

from probes.accessibility.stage import Stage

# A page may send the focus on, or make another control of this one, in the moment it gets the focus.
_MAY = """(number) => {
  const control = thuocdo.kept(number);
  control.focus();
  let at = document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at === control && !thuocdo.acts.control(control);
}"""


async def press_enter(stage: Stage, number: int) -> bool:
    """
    Give the focus to a kept control and press Enter.

    Returns:
        Whether it was pressed: not where it does not keep the focus, nor where the list of acts (probes.forbidden_acts) names it.

    """
    if not await stage.ask(_MAY, number):
        return False
    await stage.press("Enter")
    return True
