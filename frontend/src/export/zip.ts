// What the workbook's writer zips with. Its own choice compresses large files in workers made of blobs, which our
// Content-Security-Policy forbids; a sheet of some thousand rows takes a few dozen milliseconds without one.
import { type AsyncZippable, type Zippable, zipSync } from 'fflate/browser';

export { strToU8, zipSync } from 'fflate/browser';

export function zip(files: AsyncZippable, done: (error: Error | null, archive: Uint8Array) => void) {
  done(null, zipSync(files as Zippable));
}
