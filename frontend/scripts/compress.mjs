// Compresses the built files beside themselves, so that the server never compresses one, and holds the budget of what
// a browser must load for each screen.
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('../dist', import.meta.url).pathname;
const budget = 500 * 1024; // JS and CSS of one screen, gzip
const served = join(dist, 'styles', 'documents.json'); // the server reads it, and hands out parts
const text = /\.(html|js|css|json|svg|webmanifest)$/;

const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
rmSync(join(dist, '.vite'), { recursive: true });

const sizes = new Map();
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !text.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  if (file === served) continue;
  const body = readFileSync(file);
  const gz = gzipSync(body, { level: 9 });
  writeFileSync(`${file}.gz`, gz);
  writeFileSync(`${file}.br`, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  sizes.set(file.slice(dist.length + 1), gz.length);
}
writeFileSync(join(dist, '.gitkeep'), '');

/** Every script and style that a chunk brings along, without what is loaded later. */
function filesOf(key, found = new Set()) {
  const chunk = manifest[key];
  for (const f of [chunk.file, ...(chunk.css ?? []), ...(chunk.assets ?? [])]) {
    if (/\.(js|css)$/.test(f)) found.add(f);
  }
  for (const k of chunk.imports ?? []) if (!found.has(manifest[k].file)) filesOf(k, found);
  return found;
}

const entry = 'index.html';
// A screen with a map loads its worker too, which shares most of its code with the page.
const worker = Object.keys(manifest).find((k) => manifest[k].isEntry && k !== entry);
const hasMap = (files) => manifest[worker].imports.some((k) => files.has(manifest[k].file));
const screens = Object.keys(manifest).filter((k) => k.startsWith('src/pages/') && manifest[k].isDynamicEntry);
let over = false;
for (const screen of screens) {
  const files = filesOf(screen, filesOf(entry));
  if (hasMap(files)) filesOf(worker, files);
  const total = [...files].reduce((sum, f) => sum + (sizes.get(f) ?? 0), 0);
  console.log(`${screen}: ${Math.round(total / 1024)} KB gzip of ${budget / 1024}`);
  if (total > budget) over = true;
}
if (screens.length === 0 || over) {
  console.error(over ? 'The budget is exceeded.' : 'The build has no screens.');
  process.exit(1);
}
