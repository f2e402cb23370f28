import { defineConfig } from 'vitest/config';
import { mapLibrary } from './scripts/mapLibrary';
import { surface } from './scripts/surface';

// The server that `vite` sends everything to that is not the front end: `make dev` starts both.
const server = process.env.GRIDWEAVE_ADDR ?? '127.0.0.1:8080';

export default defineConfig({
  plugins: [mapLibrary(), surface()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // nothing inline: the Content-Security-Policy allows no data: fonts or scripts
    emptyOutDir: true,
    manifest: true, // scripts/compress.mjs reads it to hold each screen's budget, and takes it away
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  resolve: {
    alias: [{ find: /^fflate$/, replacement: new URL('src/export/zip.ts', import.meta.url).pathname }],
  },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: {
    proxy: Object.fromEntries(
      ['/api', '/tiles', '/readyz', '/styles', '/fonts', '/sprites', '/ogc', '/events', '/stream'].map(
        (path) => [path, { target: `http://${server}`, ws: path === '/stream' }],
      ),
    ),
  },
  test: {
    environment: 'happy-dom',
    include: ['test/**/*.test.{ts,tsx}'],
    // What never comes is waited for so long; a machine that is busy with other things needs more than the usual 5 s.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    setupFiles: ['test/patience.ts'],
    server: { deps: { inline: ['write-excel-file'] } },
  },
});
