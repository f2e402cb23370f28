// The map library as the build takes it: from the sources in its package, page and worker in one graph. The package's own
// files are two programs that each contain what both need, a third of all that a screen loads. While developing and in
// unit tests those files serve.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Plugin, transformWithOxc } from 'vite';

const about = createRequire(import.meta.url).resolve('maplibre-gl/package.json');
const sources = join(dirname(about), 'src');
/** As the pages import the worker's address. */
const worker = 'maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url';
const workerAddress = '\0map-worker';

export function mapLibrary(): Plugin {
  return {
    name: 'gridweave-map-library',
    apply: 'build',
    enforce: 'pre',
    resolveId(id) {
      if (id === 'maplibre-gl') return join(sources, 'index.ts');
      return id === worker ? workerAddress : null;
    },
    // A field without a value is declared there, and given its value elsewhere: in a constructor, on a prototype.
    transform: {
      filter: { id: /maplibre-gl\/src\/.*\.ts$/ },
      handler: (code, id) =>
        transformWithOxc(code, id, {
          target: 'es2021',
          tsconfig: false,
          assumptions: { setPublicClassFields: true },
          typescript: { removeClassFieldsWithoutInitializer: true },
        }),
    },
    load(id) {
      // Its version is all that it reads there.
      if (id === about) return JSON.stringify({ version: JSON.parse(readFileSync(about, 'utf8')).version });
      if (id !== workerAddress) return null;
      const file = this.emitFile({
        type: 'chunk',
        id: join(sources, 'source/worker.ts'),
        name: 'map-worker',
      });
      return `export default import.meta.ROLLUP_FILE_URL_${file}`;
    },
  };
}
