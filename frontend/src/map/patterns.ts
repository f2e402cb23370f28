// Patterns for those who do not see the colours: a hatch for orange, dots for grey.

export interface Pattern {
  width: number;
  height: number;
  data: Uint8Array;
}

const size = 8;

function draw(on: (x: number, y: number) => boolean, shade: number): Pattern {
  const data = new Uint8Array(size * size * 4);
  for (let y = 0; y < size; y++) {
    for (let x = 0; x < size; x++) {
      if (on(x, y)) data.set([shade, shade, shade, 150], (y * size + x) * 4);
    }
  }
  return { width: size, height: size, data };
}

export function patterns(theme: 'dark' | 'light'): Record<'hatch' | 'dots', Pattern> {
  const shade = theme === 'dark' ? 10 : 255;
  return {
    hatch: draw((x, y) => (x + y) % size < 2, shade),
    dots: draw((x, y) => x % 4 < 2 && y % 4 < 2, shade),
  };
}
