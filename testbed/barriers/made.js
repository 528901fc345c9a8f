// Makes sound and films for the pages beside it, without a file: sound(element, seconds), film(element), which is
// silent; film.webm is one with sound, which needs a visitor's leave to be made (1 s, two colours and a tone).
function sound(element, seconds) {
  const rate = 8000, bytes = new Uint8Array(44 + rate * seconds), view = new DataView(bytes.buffer);
  const text = (at, value) => [...value].forEach((letter, index) => view.setUint8(at + index, letter.charCodeAt(0)));
  text(0, "RIFF"); view.setUint32(4, bytes.length - 8, true); text(8, "WAVEfmt "); view.setUint32(16, 16, true);
  view.setUint16(20, 1, true); view.setUint16(22, 1, true); view.setUint32(24, rate, true); view.setUint32(28, rate, true);
  view.setUint16(32, 1, true); view.setUint16(34, 8, true); text(36, "data"); view.setUint32(40, rate * seconds, true);
  for (let n = 44; n < bytes.length; n++) bytes[n] = 128 + 20 * Math.sin(n / 5);
  element.src = URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }));
}

async function film(element) {
  const canvas = document.createElement("canvas");
  canvas.width = 160; canvas.height = 90;
  const stream = canvas.captureStream(10), brush = canvas.getContext("2d");
  const parts = [], recorder = new MediaRecorder(stream, { mimeType: "video/webm" });
  recorder.ondataavailable = (event) => parts.push(event.data);
  recorder.onstop = () => { element.src = URL.createObjectURL(new Blob(parts, { type: "video/webm" })); };
  recorder.start();
  for (let n = 0; n < 8; n++) {
    brush.fillStyle = n % 2 ? "teal" : "navy"; brush.fillRect(0, 0, 160, 90);
    await new Promise((done) => setTimeout(done, 50));
  }
  recorder.stop();
}
