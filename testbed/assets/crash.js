// A leak as it happens in slide shows, only quicker: the page's process runs out of memory soon after load.
addEventListener("load", function () {
  var slides = [];
  for (;;) slides.push(new Array(4000000).fill(0.5 + slides.length));
});
