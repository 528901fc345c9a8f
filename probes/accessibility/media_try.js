// Presses what is called like a switch for sound and is nothing that the list of acts names, and tells whether one of the media changes: a function of a pattern for names.
async (pattern) => {
  const names = new RegExp(pattern, "i");
  const media = thuocdo.all("audio,video");
  const state = () => media.map((one) => `${one.paused} ${one.muted} ${one.volume}`).join();
  const controls = thuocdo.withAxe(() => thuocdo.all("button,[role=button]").filter((e) => thuocdo.drawn(e) && thuocdo.spoken(e) && names.test(thuocdo.name(e))));
  for (const control of controls.slice(0, 5)) {
    if (thuocdo.acts.control(control)) continue;
    const before = state();
    control.click();
    await new Promise((done) => setTimeout(done, 150));
    if (state() !== before) return true;
  }
  return false;
}
