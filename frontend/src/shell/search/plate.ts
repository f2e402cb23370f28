// What a plate at a door says: the address of the room's or the building's page, or the bare code.

/** The house code in what was scanned; null where there is none. */
export function codeIn(scanned: string): string | null {
  const text = scanned.trim();
  const bare = /^\d{19}(\d{6})?$/.exec(text);
  if (bare) return text;
  // Whatever server the plate was printed for: codes are the same on all.
  const path = /\/b\/(\d{19}(?:\d{6})?)(?:[/?#]|$)/.exec(text);
  return path?.[1] ?? null;
}

/** What a plate's QR code holds. */
export function plateAddress(origin: string, code: string): string {
  return `${origin}/b/${code}`;
}
