// Compresses the built files beside themselves, so that the server never compresses one, and holds the budget of
// what a browser must load before it shows anything.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('../dist', import.meta.url).pathname;
const budget = 500 * 1024; // JS and CSS, gzip
const served = join(dist, 'styles', 'documents.json'); // the server reads it, and hands out parts
const text = /\.(html|js|css|json|svg|webmanifest)$/;

let loaded = 0;
for (const entry of readdirSync(dist, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile() || !text.test(entry.name)) continue;
  const file = join(entry.parentPath, entry.name);
  if (file === served) continue;
  const body = readFileSync(file);
  const gz = gzipSync(body, { level: 9 });
  writeFileSync(`${file}.gz`, gz);
  writeFileSync(`${file}.br`, brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
  if (/\.(js|css)$/.test(entry.name)) loaded += gz.length;
}
writeFileSync(join(dist, '.gitkeep'), '');
console.log(`JS and CSS: ${Math.round(loaded / 1024)} KB gzip of ${budget / 1024}`);
if (loaded > budget) {
  console.error('The budget is exceeded.');
  process.exit(1);
}
