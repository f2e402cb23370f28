// Puts into the build what the server hands out beside the page: the font's slices under names that stay, sprites, and
// the map's styles. They are made by the page's own code, so that every map of ours looks the same.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { PNG } from 'pngjs';
import type { Plugin } from 'vite';
import { themes } from '../src/map/colours';
import { documents, serverPlace } from '../src/map/documents';
import { fontPath, sliceName, slices, slicesPath } from '../src/map/fonts';
import { sprite, spritePath } from '../src/map/sprite';

const fontFolder = dirname(createRequire(import.meta.url).resolve('@fontsource/noto-sans-sc/unicode.json'));

export function surface(): Plugin {
  return {
    name: 'gridweave-surface',
    generateBundle() {
      const emit = (path: string, source: string | Uint8Array) =>
        this.emitFile({ type: 'asset', fileName: path.replace(/^\//, ''), source });
      const ranges: Record<string, string> = JSON.parse(
        readFileSync(join(fontFolder, 'unicode.json'), 'utf8'),
      );
      for (const name of Object.keys(ranges)) {
        const slice = sliceName(name);
        const file = join(fontFolder, 'files', `noto-sans-sc-${slice}-400-normal.woff2`);
        emit(`${fontPath}/${slice}.woff2`, readFileSync(file));
      }
      emit(slicesPath, JSON.stringify(ranges));
      emit(`${fontPath}/LICENSE`, readFileSync(join(fontFolder, 'LICENSE')));
      for (const theme of themes) {
        for (const palette of [1, 2] as const) {
          for (const ratio of [1, 2]) emitSprite(emit, theme, palette, ratio);
        }
      }
      // The fonts are the same in every style and longer than the rest of it: once for all.
      const fonts = slices(serverPlace, ranges);
      const styles = documents([]);
      emit('styles/documents.json', JSON.stringify({ server: serverPlace, fonts, styles }));
    },
  };
}

function emitSprite(
  emit: (path: string, source: string | Uint8Array) => void,
  theme: (typeof themes)[number],
  palette: 1 | 2,
  ratio: number,
) {
  const { width, height, data, places } = sprite(theme, palette, ratio);
  const png = new PNG({ width, height });
  png.data = Buffer.from(data);
  const path = `${spritePath(theme, palette)}${ratio === 1 ? '' : `@${ratio}x`}`;
  // Signs repeat one another: unfiltered and by repetitions they take a fifth of what pngjs makes of them by itself.
  emit(`${path}.png`, PNG.sync.write(png, { filterType: 0, deflateLevel: 9, deflateStrategy: 0 }));
  emit(`${path}.json`, JSON.stringify(places));
}
