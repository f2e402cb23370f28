import { defineConfig } from 'vitest/config';

// The server that `vite` sends everything to that is not the front end: `make dev` starts both.
const server = process.env.GRIDWEAVE_ADDR ?? '127.0.0.1:8080';

export default defineConfig({
  build: {
    target: 'es2022',
    assetsInlineLimit: 0, // nothing inline: the Content-Security-Policy allows no data: fonts or scripts
    emptyOutDir: true,
    modulePreload: { polyfill: false },
  },
  worker: { format: 'es' },
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  server: {
    proxy: { '/api': `http://${server}`, '/tiles': `http://${server}`, '/readyz': `http://${server}` },
  },
  test: { environment: 'happy-dom', include: ['test/**/*.test.{ts,tsx}'] },
});
