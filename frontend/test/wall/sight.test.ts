import type { Map as GlMap } from 'maplibre-gl';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { aroundCard, besideCard, boxOf, uncover } from '../../src/pages/wall/map/sight';
import { narrow } from '../../src/pages/wall/narrow';

/** A map on which a degree is a pixel; notes how far it is moved. A card takes 408 pixels of it. */
function flat(width: number, height = 600) {
  const moves: [number, number][] = [];
  const waiting = new Set<() => void>();
  const map = {
    moving: false,
    getContainer: () => ({ clientWidth: width, clientHeight: height }),
    isMoving: () => map.moving,
    project: ([x, y]: [number, number]) => ({ x, y: height - y }),
    panBy: (by: [number, number]) => moves.push(by),
    once: (_: string, f: () => void) => waiting.add(f),
    off: (_: string, f: () => void) => waiting.delete(f),
  };
  const land = () => {
    map.moving = false;
    for (const f of waiting) f();
    waiting.clear();
  };
  return { map: map as unknown as GlMap, state: map, moves, land };
}

describe('a card over the map', () => {
  beforeEach(() => {
    document.documentElement.style.fontSize = '16px';
    narrow.value = false;
  });
  afterEach(() => {
    narrow.value = false;
  });

  it('has what it is of moved clear of it, and no further', () => {
    const { map, moves } = flat(1000); // 592 are free
    uncover(map, [500, 100, 540, 140]);
    expect(moves).toEqual([]);
    uncover(map, [600, 100, 640, 140]);
    expect(moves).toEqual([[640 + 36 - 592, 0]]);
  });

  it('has what is wider than the free part brought into its middle', () => {
    const { map, moves } = flat(1000);
    uncover(map, [200, 100, 900, 140]);
    expect(moves).toEqual([[550 - 296, 0]]);
  });

  it('leaves the map where it is when the thing is elsewhere, the map too narrow, or the card a sheet', () => {
    for (const box of [
      [1200, 100, 1240, 140],
      [600, 700, 640, 740],
    ] as const) {
      const { map, moves } = flat(1000);
      uncover(map, box);
      expect(moves).toEqual([]);
    }
    const small = flat(500);
    uncover(small.map, [400, 100, 420, 140]);
    expect(small.moves).toEqual([]);
    expect(besideCard(small.map)).toEqual([-0, 0]);
    narrow.value = true;
    const phone = flat(1000);
    uncover(phone.map, [600, 100, 640, 140]);
    expect(phone.moves).toEqual([]);
  });

  it('waits for a flight, and not for one that no longer matters', () => {
    const a = flat(1000);
    a.state.moving = true;
    uncover(a.map, [600, 100, 640, 140]);
    expect(a.moves).toEqual([]);
    a.land();
    expect(a.moves).toHaveLength(1);
    const b = flat(1000);
    b.state.moving = true;
    uncover(b.map, [600, 100, 640, 140])();
    b.land();
    expect(b.moves).toEqual([]);
  });

  it('has flights end beside it, and areas fitted there', () => {
    const { map } = flat(1000);
    expect(besideCard(map)).toEqual([-204, 0]);
    expect(aroundCard(map, 40)).toEqual({ top: 40, bottom: 40, left: 40, right: 448 });
  });

  it('knows the box of any geometry', () => {
    const ring = [
      [
        [2, 3],
        [5, 3],
        [5, 9],
        [2, 3],
      ],
    ];
    expect(boxOf({ coordinates: ring })).toEqual([2, 3, 5, 9]);
    expect(boxOf({ coordinates: [ring, [[[0, 4]]]] })).toEqual([0, 3, 5, 9]);
  });
});
