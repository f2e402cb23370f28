import { useLayoutEffect, useRef } from 'preact/hooks';
import { type Picture, raster } from '../map/picture';

/** One of the map's own pictures beside a text: drawn by the same code, so that a legend cannot differ from its map. */
export function Sign({ picture, scale = 0.75 }: { picture: Picture | undefined; scale?: number }) {
  const box = useRef<HTMLCanvasElement>(null);
  useLayoutEffect(() => {
    if (box.current && picture) draw(box.current, picture, scale);
  }, [picture, scale]);
  return (
    <span class="sign" aria-hidden="true">
      <canvas ref={box} />
    </span>
  );
}

/** Twice as fine as laid out, which the densest screens show and the others make smooth. */
const ratio = 2;

function draw(canvas: HTMLCanvasElement, picture: Picture, scale: number) {
  const side = picture.size * ratio;
  canvas.width = side;
  canvas.height = side;
  // The style sheet has no size for each sign, and the policy against inline styles lets scripts set one.
  canvas.style.width = `${(picture.size * scale) / 16}rem`;
  canvas.style.height = canvas.style.width;
  const pixels = new Uint8ClampedArray(raster(picture, ratio));
  canvas.getContext('2d')?.putImageData(new ImageData(pixels, side, side), 0, 0);
}
