-- A webhook may be paused: what happens meanwhile waits. Deliveries are looked up by their webhook.

-- +goose Up
alter table webhook add column paused_at timestamptz;
create index river_job_webhook on river.river_job (((args->>'webhook')::bigint), id) where kind = 'webhook';
