// The stream's messages as the page reads them, held against the document that the server serves of them and against what
// really goes over the wire.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';
import { openPage, signIn } from './page.mjs';
import { stage } from './stage.mjs';
import { closeUp, hears, live } from './wall.mjs';

const { server, browser, sql, building, report } = await stage();
const protocol = await compiled('../src/live/protocol.ts');

/** Imports a module of the page, where its own imports are found. */
async function compiled(path) {
  const source = readFileSync(new URL(path, import.meta.url), 'utf8');
  const folder = new URL('../node_modules/.cache/', import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL('protocol.mjs', folder);
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  writeFileSync(file, ts.transpileModule(source, { compilerOptions: options }).outputText);
  return import(file);
}

/** The properties of an object, those that may be absent marked; of a schema of ours and of one of the document. */
const ours = (entries) =>
  Object.entries(entries)
    .map(([name, schema]) => (schema.type === 'optional' ? `${name}?` : name))
    .sort();
const theirs = (schema) =>
  Object.keys(schema.properties)
    .map((name) => (schema.required.includes(name) ? name : `${name}?`))
    .sort();

test('the page knows exactly the messages, topics and close codes of the server’s document', async () => {
  const document = await (await fetch(`${server.address}/api/asyncapi.json`)).json();
  const { messages, schemas } = document.components;
  const schemaOf = ({ payload }) => schemas[payload.$ref.split('/').pop()];
  const known = [...protocol.serverMessage.options, ...protocol.clientMessage.options];
  assert.deepEqual(known.map((m) => m.entries.type.literal).sort(), Object.keys(messages).sort());
  for (const { entries } of known)
    assert.deepEqual(ours(entries), theirs(schemaOf(messages[entries.type.literal])), entries.type.literal);

  assert.deepEqual(protocol.topics.toSorted(), schemas.Item.properties.topic.enum.toSorted());
  for (const topic of protocol.topics) {
    const name = `${topic[0].toUpperCase()}${topic.slice(1)}Data`;
    assert.deepEqual(ours(protocol.topicData[topic].entries), theirs(schemas[name]), topic);
  }
  const codes = document['x-close-codes'];
  assert.deepEqual(protocol.closeCodes, Object.fromEntries(codes.map((c) => [c.code, c.name])));
  for (const { code, reconnect } of codes) assert.equal(protocol.mayReconnect(code), reconnect, String(code));
});

test('every frame between a wall and its server is a message of the protocol', async () => {
  const here = building(sql(`select code from account where name = 'street'`));
  const { page, close } = await openPage(browser, server.address);
  const heard = [];
  const said = [];
  let told = () => {};
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => told(heard.push(String(payload))));
    socket.on('framesent', ({ payload }) => said.push(String(payload)));
  });
  await signIn(page, server, 'duty', closeUp(here));
  await live(page);
  sql(`update building_state set grade = case grade when 'red' then 'green' else 'red' end
       where building_id = ${here.id}`);
  await hears(page, report(here, '0519'));
  const kinds = ['hello', 'subscribed', 'snapshot', 'batch', 'pong'];
  const topics = new Set();
  const types = new Set();
  const read = () => {
    for (const text of heard.splice(0)) {
      const message = protocol.parseServerMessage(text); // throws where it is none
      types.add(message.type);
      for (const item of message.items ?? []) topics.add(item.topic);
    }
    const heardOf = (wanted, heard) => wanted.every((w) => heard.has(w));
    return heardOf(['incident', 'grade', 'tiles'], topics) && heardOf(kinds, types);
  };
  while (!read()) {
    await new Promise((next, fail) => {
      told = next;
      AbortSignal.timeout(60_000).onabort = () => fail(new Error(`only of ${[...topics, ...types]}`));
    });
  }
  const { parse } = await import('valibot');
  for (const text of said) parse(protocol.clientMessage, JSON.parse(text));
  assert.ok(said.length >= 3);
  await close();
});
