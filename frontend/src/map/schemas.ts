// Where a base map keeps what we draw of the ground: ours, and the two schemas in which base maps come as files. Names
// of layers and of their values are those of the schemas.
import type { ExpressionSpecification, FilterSpecification } from 'maplibre-gl';

export type Schema = 'own' | 'protomaps' | 'openmaptiles';

export interface Part {
  layer: string;
  filter?: FilterSpecification;
}

/** What each part of the ground is in a schema; what a schema does not have is not drawn. */
export interface Ground {
  source: 'base' | 'basemap';
  land?: Part;
  block?: Part;
  park: Part[];
  water: Part;
  rail: Part;
  roads: Record<'minor' | 'middle' | 'major', Part>;
  /** Roads with names, and the name in a language. */
  named: Part;
  name: (lang: 'zh' | 'en') => ExpressionSpecification;
  /** Places outside the district, as points. */
  places?: Part;
}

type Test = ExpressionSpecification;

const among = (value: unknown, ...of: string[]): Test => ['in', value, ['literal', of]] as Test;
const polygons: Test = ['==', ['geometry-type'], 'Polygon'];
const both = (a: Test, b: Test): Test => ['all', a, b];

const kind: Test = ['coalesce', ['get', 'kind'], ['get', 'pmap:kind'], '']; // "pmap:" until version 3 of the schema
const klass: Test = ['get', 'class'];

/** Names as files from OpenStreetMap carry them. */
const osmName = (lang: 'zh' | 'en'): ExpressionSpecification =>
  lang === 'zh'
    ? ['coalesce', ['get', 'name:zh-Hans'], ['get', 'name:zh'], ['get', 'name'], '']
    : ['coalesce', ['get', 'name:en'], ['get', 'name'], ''];

export const schemas: Record<Schema, Ground> = {
  own: {
    source: 'base',
    land: { layer: 'land' },
    block: { layer: 'block' },
    park: [{ layer: 'park' }],
    water: { layer: 'water' },
    rail: { layer: 'rail' },
    roads: {
      minor: { layer: 'road', filter: among(klass, 'collector', 'lane', 'alley', 'path') },
      middle: { layer: 'road', filter: ['==', klass, 'arterial'] },
      major: { layer: 'road', filter: ['==', klass, 'expressway'] },
    },
    named: { layer: 'road' },
    name: (lang) => ['coalesce', ['get', lang === 'zh' ? 'name_zh' : 'name_en'], ['get', 'name_zh'], ''],
  },
  protomaps: {
    source: 'basemap',
    land: { layer: 'earth', filter: polygons },
    park: [
      {
        layer: 'landuse',
        filter: both(
          polygons,
          among(kind, 'park', 'forest', 'wood', 'grass', 'meadow', 'garden', 'golf_course', 'nature_reserve'),
        ),
      },
    ],
    water: { layer: 'water', filter: polygons },
    rail: { layer: 'roads', filter: ['==', kind, 'rail'] },
    roads: {
      minor: { layer: 'roads', filter: among(kind, 'minor_road', 'path', 'other') },
      middle: { layer: 'roads', filter: among(kind, 'major_road', 'medium_road') },
      major: { layer: 'roads', filter: ['==', kind, 'highway'] },
    },
    named: { layer: 'roads', filter: among(kind, 'minor_road', 'major_road', 'medium_road', 'highway') },
    name: osmName,
    places: { layer: 'places', filter: among(kind, 'locality', 'region', 'country') },
  },
  openmaptiles: {
    source: 'basemap',
    park: [
      { layer: 'park', filter: polygons },
      { layer: 'landcover', filter: both(polygons, among(klass, 'wood', 'grass')) },
    ],
    water: { layer: 'water', filter: polygons },
    rail: { layer: 'transportation', filter: among(klass, 'rail', 'transit') },
    roads: {
      minor: {
        layer: 'transportation',
        filter: among(klass, 'tertiary', 'minor', 'service', 'path', 'track'),
      },
      middle: { layer: 'transportation', filter: among(klass, 'primary', 'secondary') },
      major: { layer: 'transportation', filter: among(klass, 'motorway', 'trunk') },
    },
    named: { layer: 'transportation_name' },
    name: osmName,
    places: { layer: 'place', filter: among(klass, 'city', 'town', 'state', 'country') },
  },
};
