// Text as a person compares it: the same as spelling.py beside this file, which says why; one table of cases tests both.
(() => {
  const INVISIBLE = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe00-\ufe0f\ufeff]+/gu;
  const BLANK = /[\t\n\x0b\x0c\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/gu;
  const MANY = /(\p{M}{30})\p{M}+/gu; // no letter has more accents, and to sort them takes long
  const LIKE = [
    [/[\u2018\u2019\u201a\u201b\u2032\u00b4\u0060]/gu, "'"],
    [/[\u201c\u201d\u201e\u201f\u2033\u00ab\u00bb]/gu, '"'],
    [/[\u2010-\u2015\u2212]/gu, "-"],
    [/\u00f0/gu, "đ"],
    [/ς/gu, "σ"],
  ];
  const TONE = /([\u0300\u0301\u0303\u0309\u0323]+)([a-zđ\u0302\u0306\u031b]+)/gu;
  const Y = /(?<![a-zđ\u0302\u0306\u031b\u0300\u0301\u0303\u0309\u0323])(qu|[b-df-hj-np-tvxđ])y(?=[\u0300\u0301\u0303\u0309\u0323]?(?![a-zđ\u0302\u0306\u031b\u0300\u0301\u0303\u0309\u0323]))/gu;
  const OF_A_WORD = /^[\p{L}\p{N}_\u0300-\u036f]/u;
  const alike = (text) => LIKE.reduce((made, [signs, one]) => made.replace(signs, one), text);
  const folded = (text) =>
    alike(alike(String(text ?? "").replace(INVISIBLE, "").replace(MANY, "$1")).normalize("NFKD").toUpperCase().toLowerCase())
      .normalize("NFKD").replace(TONE, "$2$1").replace(Y, "$1i").replace(BLANK, " ").trim();
  const ofAWord = (text) => OF_A_WORD.test(text);
  // Whether a folded phrase stands in a folded text as whole words; the empty one stands in any.
  const standsIn = (phrase, text) => {
    if (!phrase) return true;
    const [first, last] = [ofAWord(phrase), ofAWord(phrase.at(-1))];
    for (let at = text.indexOf(phrase); at >= 0; at = text.indexOf(phrase, at + 1)) {
      const end = at + phrase.length;
      if (!(at && first && ofAWord(text[at - 1])) && !(last && ofAWord(text.slice(end, end + 1)))) return true;
    }
    return false;
  };
  return { folded, standsIn };
})()
