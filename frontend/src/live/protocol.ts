// The language of the stream (subprotocol gridweave.v1): the mirror of the server's package realtime/wire. Tests on both
// sides read the examples and the table of close codes in ARCHITECTURE.md with these types and with the server's.
import * as v from 'valibot';

export const subprotocol = 'gridweave.v1';

/** EPOCH.LSN.INDEX; two of one epoch compare by LSN, then by index: see comparePositions. */
const position = v.pipe(v.string(), v.regex(/^[0-9a-f]{16}-\d+\.[0-9A-F]{16}\.\d+$/));
const code = v.pipe(v.string(), v.regex(/^\d{2,25}$/));
/** West, south, east, north in WGS-84 degrees. */
const box = v.tuple([v.number(), v.number(), v.number(), v.number()]);
const time = v.pipe(v.string(), v.isoTimestamp());

export const gradeNames = ['green', 'yellow', 'orange', 'red', 'grey'] as const;
/** Null where nothing is let. */
const grade = v.nullable(v.picklist(gradeNames));

const place = { lon: v.number(), lat: v.number() };
const maybePlace = { lon: v.optional(v.number()), lat: v.optional(v.number()) };

/** What items carry, by topic. */
export const topicData = {
  incident: v.strictObject({
    type: v.string(),
    severity: v.number(),
    status: v.string(),
    was: v.optional(v.string()),
    source: v.string(),
    reported_at: time,
    due_at: v.nullable(time),
    escalation: v.number(),
    ...place,
  }),
  declaration: v.strictObject({
    status: v.string(),
    was: v.optional(v.string()),
    source: v.string(),
    submitted_at: time,
    due_at: v.nullable(time),
    ...maybePlace,
  }),
  grade: v.strictObject({
    grade,
    was: v.optional(grade),
    name_zh: v.string(),
    name_en: v.string(),
    ...place,
  }),
  building: v.strictObject({
    name_zh: v.string(),
    name_en: v.string(),
    use: v.string(),
    height_m: v.number(),
    grade,
    rooms: v.number(),
    rental_rooms: v.number(),
    residents: v.number(),
    open_incidents: v.number(),
    ...place,
  }),
  area: v.strictObject({
    level: v.string(),
    name_zh: v.string(),
    name_en: v.string(),
    bounds: box,
  }),
  tiles: v.strictObject({
    sets: v.array(v.string()),
    bounds: box,
    zooms: v.tuple([v.number(), v.number()]),
    /** "z/x/y" of each tile; left out where they are many: then every tile that meets the bounds at those zooms. */
    tiles: v.optional(v.array(v.string())),
  }),
} as const;

export type Topic = keyof typeof topicData;
export const topics = Object.keys(topicData) as Topic[];

const kinds = ['present', 'added', 'changed', 'removed', 'enter'] as const;

function itemOf<T extends Topic>(topic: T) {
  const head = { topic: v.literal(topic), id: v.number(), code, at: position };
  return [
    v.strictObject({
      ...head,
      kind: v.picklist(['present', 'added', 'changed', 'enter']),
      data: topicData[topic],
    }),
    v.strictObject({
      ...head,
      kind: v.picklist(['removed', 'leave']),
      /** The status in which it ended, of what is removed while its record remains. */
      final: v.optional(v.string()),
    }),
  ] as const;
}

const item = v.union([
  ...itemOf('incident'),
  ...itemOf('declaration'),
  ...itemOf('grade'),
  ...itemOf('building'),
  ...itemOf('area'),
  ...itemOf('tiles'),
]);

export const reasons = ['epoch', 'ahead', 'floor', 'slow', 'reload'] as const;

/** Everything that a server says. */
export const serverMessage = v.variant('type', [
  v.strictObject({ type: v.literal('hello'), epoch: v.string(), position, heartbeat: v.number() }),
  v.strictObject({
    type: v.literal('subscribed'),
    id: v.string(),
    channel: v.string(),
    position,
    /** Who has everything up to here is at the present. */
    until: position,
    resumed: v.boolean(),
  }),
  v.strictObject({
    type: v.literal('snapshot'),
    channel: v.string(),
    position,
    reset: v.boolean(),
    more: v.boolean(),
    items: v.array(item),
  }),
  v.strictObject({
    type: v.literal('batch'),
    channel: v.string(),
    from: position,
    to: position,
    items: v.array(item),
  }),
  v.strictObject({ type: v.literal('mark'), channel: v.optional(v.string()), position }),
  v.strictObject({
    type: v.literal('leave'),
    channel: v.string(),
    position,
    items: v.array(v.strictObject({ topic: v.string(), id: v.number() })),
  }),
  v.strictObject({ type: v.literal('resync'), channel: v.string(), reason: v.picklist(reasons), position }),
  v.strictObject({ type: v.literal('unsubscribed'), id: v.string(), reason: v.optional(v.string()) }),
  v.strictObject({
    type: v.literal('error'),
    id: v.optional(v.string()),
    code: v.string(),
    message: v.string(),
  }),
  /** Come back after so many milliseconds. */
  v.strictObject({ type: v.literal('bye'), retry_after: v.number() }),
  v.strictObject({ type: v.literal('pong'), id: v.optional(v.string()) }),
]);

/** Everything that a client says. */
export const clientMessage = v.variant('type', [
  v.strictObject({
    type: v.literal('subscribe'),
    id: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
    topics: v.pipe(v.array(v.string()), v.minLength(1)),
    area: v.optional(code),
    box: v.optional(box),
    since: v.optional(position),
    snapshot: v.optional(v.boolean()),
  }),
  v.strictObject({ type: v.literal('move'), id: v.string(), box }),
  v.strictObject({ type: v.literal('unsubscribe'), id: v.string() }),
  v.strictObject({ type: v.literal('ping'), id: v.optional(v.string()) }),
]);

export type ServerMessage = v.InferOutput<typeof serverMessage>;
export type ClientMessage = v.InferOutput<typeof clientMessage>;
export type Item = v.InferOutput<typeof item>;
export type ItemKind = (typeof kinds)[number] | 'leave';
export type Box = v.InferOutput<typeof box>;
export type Data<T extends Topic> = v.InferOutput<(typeof topicData)[T]>;

/** Reads one frame; what is no message of this protocol throws. */
export function parseServerMessage(text: string): ServerMessage {
  return v.parse(serverMessage, JSON.parse(text));
}

/** Below this a closed client comes back, after a wait that grows; from it on nothing would be different. */
export const noReturn = 4500;

/** The codes with which a server closes. */
export const closeCodes = {
  4000: 'stopping',
  4001: 'slow',
  4002: 'silent',
  4003: 'too_many',
  4004: 'broken',
  4005: 'away',
  4500: 'unauthenticated',
  4501: 'protocol',
  4502: 'too_large',
  4503: 'too_fast',
} as const;

/** Tells whether to come back after a close. Codes of the protocol itself (1000 to 1015) say nothing final. */
export function mayReconnect(code: number): boolean {
  return code < noReturn;
}

/** Orders two positions of one epoch; undefined for different epochs, whose positions have no order. */
export function comparePositions(a: string, b: string): number | undefined {
  const [epochA = '', lsnA = '', indexA = '0'] = a.split('.');
  const [epochB = '', lsnB = '', indexB = '0'] = b.split('.');
  if (epochA !== epochB) return undefined;
  if (lsnA !== lsnB) return lsnA < lsnB ? -1 : 1;
  return Math.sign(Number(indexA) - Number(indexB));
}
