import { readFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, it } from 'vitest';

// That frontend/openapi.json is what the server serves, a Go test holds (TestFrontEndKnowsTheAPI).
it('calls the API by types that are generated from the server’s own document', async () => {
  const generated = astToString(await openapiTS(JSON.parse(readFileSync('openapi.json', 'utf8'))));
  const kept = readFileSync('src/api/schema.d.ts', 'utf8');
  expect(kept.slice(kept.indexOf('export interface paths')).trim(), 'run `npm run api`').toBe(
    generated.slice(generated.indexOf('export interface paths')).trim(),
  );
});
