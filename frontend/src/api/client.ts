// The typed client, generated from the server's own OpenAPI document.
import createClient from 'openapi-fetch';
import { account, heard, online } from '../shell/session';
import type { components, paths } from './schema';

type Schemas = components['schemas'];
export type Account = Schemas['Account'];
export type Area = Schemas['Area'];
export type AreaDetail = Schemas['AreaDetail'];
export type AreaStats = Schemas['AreaStats'];
export type Building = Schemas['Building'];
export type BuildingDetail = Schemas['BuildingDetail'];
export type Figures = Schemas['Figures'];
export type Hit = Schemas['Hit'];
export type Incident = Schemas['Incident'];
export type Neighbour = Schemas['Neighbour'];
export type Problem = Schemas['Problem'];
export type Room = Schemas['Room'];
export type RoomDetail = Schemas['RoomDetail'];

export const api = createClient<paths>({ baseUrl: location.origin });

api.use({
  onResponse({ response }) {
    online.value = true;
    if (response.ok) heard.value = new Date();
    // A session that ended shows the sign-in page, whatever was asked.
    if (response.status === 401 && account.value) account.value = null;
    return response;
  },
  onError() {
    online.value = false;
  },
});
