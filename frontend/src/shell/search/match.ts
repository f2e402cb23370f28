// Which parts of a hit are what was typed, so that the eye finds them. Typing errors leave gaps, as they should.

export interface Piece {
  text: string;
  match: boolean;
}

/** Full-width forms and capitals are one with the usual ones; each character stays one character. */
function fold(s: string): string {
  return [...s].map((c) => [...c.normalize('NFKC').toLowerCase()][0] ?? c).join('');
}

/** How many equal characters make a match: one Chinese character says much, two digits something, letters little. */
function enough(s: string): number {
  if (/^[\d\s]*$/.test(s)) return 2;
  return /^[\p{ASCII}\p{Script=Latin}]*$/u.test(s) ? 3 : 1;
}

/**
 * The text in pieces, those that occur in the query marked; the pieces joined are the text. A code takes a
 * larger least: short runs of its digits repeat.
 */
export function pieces(text: string, query: string, least = 0): Piece[] {
  const chars = [...text];
  const folded = [...fold(text)];
  const wanted = fold(query.trim());
  const out: Piece[] = [];
  const add = (text: string, match: boolean) => {
    const last = out.at(-1);
    if (last && last.match === match) last.text += text;
    else out.push({ text, match });
  };
  for (let i = 0; i < chars.length; ) {
    let n = 0;
    while (i + n < folded.length && wanted.includes(folded.slice(i, i + n + 1).join(''))) n++;
    const found = folded.slice(i, i + n).join('');
    const match = n > 0 && found.trim() !== '' && [...found.trim()].length >= Math.max(least, enough(found));
    const step = match ? n : 1;
    add(chars.slice(i, i + step).join(''), match);
    i += step;
  }
  return out;
}
