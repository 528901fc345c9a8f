// Every audio and video element of one document with what can be known of it without listening: a function of {seconds}, how
// long to wait for the beginning of the files. Nothing is played.
async ({ seconds }) => {
  const MOST = 20;
  const media = thuocdo.all("audio,video").slice(0, MOST);
  if (!media.length) return [];
  const mayRead = (url) => ["", "download"].includes(thuocdo.acts.address(String(url)) ?? ""); // a medium may be had by an address of downloads
  const plain = (text) => (text || "").normalize("NFC").replace(/\s+/gu, " ").trim();
  const known = (one) => new Promise((done) => {
    if (one.readyState >= 1 || one.error) return done();
    for (const event of ["loadedmetadata", "error"]) one.addEventListener(event, done, { once: true });
    if (one.preload === "none" && mayRead(one.currentSrc || one.src)) one.preload = "metadata";
  });
  await Promise.race([Promise.all(media.map(known)), new Promise((done) => setTimeout(done, seconds * 1000))]);
  const tracks = (one, kind) => {
    try { return one.captureStream()[kind]().length; } catch { return null; } // another origin's
  };
  // A text track counts once its file is there and says something.
  const cues = async (track) => {
    if (!track.src || !mayRead(track.src)) return 0;
    try {
      const text = await (await fetch(track.src, { credentials: "omit", signal: AbortSignal.timeout(1000) })).text();
      return (text.match(/-->/g) || []).length;
    } catch { return 0; }
  };
  const seen = (element) => {
    if (!thuocdo.drawn(element)) return false;
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return right + scrollX > 0 && bottom + scrollY > 0 && right - left > 1 && bottom - top > 1 && parseInt(getComputedStyle(element).textIndent) > -500;
  };
  // What stands around a medium where a person would look: text beside it, described by, links and <details> near it.
  const around = (one) => {
    let root = one.parentElement;
    while (root && root !== document.body && plain(root.innerText).length < 80 && !root.querySelector("a[href]")) root = root.parentElement;
    root ??= document.documentElement;
    const told = [...root.querySelectorAll("p,li,dd,blockquote,details,figcaption,section,article,div,pre,td")]
      .filter((e) => !e.contains(one) && !e.querySelector("p,div,section,article") && thuocdo.spoken(e)).slice(0, 200);
    const blocks = told.filter(seen);
    const described = (one.getAttribute("aria-describedby") || "").split(/\s+/).map((id) => id && document.getElementById(id)).filter(Boolean);
    return {
      texts: [...described, ...blocks].map((e) => plain(e.textContent)).filter(Boolean).slice(0, 200),
      heard: told.filter((e) => !blocks.includes(e)).map((e) => plain(e.textContent)), // out of sight, for screen readers
      links: [...root.querySelectorAll("a[href],button,summary")].filter((e) => seen(e) && thuocdo.spoken(e)).map((e) => thuocdo.name(e)).slice(0, 200),
    };
  };
  // A track may hold nothing but silence: decoded where the file is small.
  const MOST_BYTES = 8e6, QUIETEST = 0.001;
  const silent = async (one) => {
    try {
      const url = new URL(one.currentSrc || one.src, location.href);
      if (url.origin !== location.origin || !mayRead(url)) return false;
      const head = await fetch(url, { method: "HEAD", credentials: "omit", signal: AbortSignal.timeout(1000) });
      if (!(Number(head.headers.get("content-length")) < MOST_BYTES)) return false;
      const bytes = await (await fetch(url, { credentials: "omit", signal: AbortSignal.timeout(2000) })).arrayBuffer();
      const sound = await new OfflineAudioContext(1, 1, 8000).decodeAudioData(bytes);
      for (let channel = 0; channel < sound.numberOfChannels; channel++) if (sound.getChannelData(channel).some((level) => Math.abs(level) > QUIETEST)) return false;
      return true;
    } catch { return false; }
  };
  const told = thuocdo.withAxe(() => media.map(around));
  const facts = [];
  for (const [index, one] of media.entries()) {
    const kinds = [...one.querySelectorAll("track")];
    const counted = async (wanted) => { let sum = 0; for (const t of kinds.filter((k) => wanted.includes(k.kind))) sum += await cues(t); return sum; };
    facts.push({
      tag: one.localName, shown: one.localName === "video" ? seen(one) : (one.controls ? seen(one) : one.autoplay),
      known: one.readyState >= 1, seconds: Number.isFinite(one.duration) ? one.duration : null, file: one.currentSrc || one.src,
      audio: await silent(one) ? 0 : one.localName === "audio" ? 1 : tracks(one, "getAudioTracks"), picture: one.videoWidth > 0,
      autoplay: one.autoplay, muted: one.muted || one.defaultMuted || one.volume === 0, controls: one.controls && seen(one),
      loop: one.loop, captions: await counted(["captions", "subtitles"]), descriptions: await counted(["descriptions"]),
      ...told[index], place: thuocdo.place(one, (one.currentSrc || one.src).split("/").pop()),
    });
  }
  return facts;
}
