-- Webhooks: what other departments' systems are told. River's schema of jobs is steps 20 and 21, which River itself brings.

-- +goose Up
create table webhook (
  id         integer generated always as identity primary key,
  code       text collate "C" not null,   -- the area it hears of
  topics     text[] not null check (cardinality(topics) > 0),
  url        text not null check (url ~ '^https?://'),
  label      text not null default '',
  secret     bytea not null,              -- ciphertext of the key that deliveries are signed with
  epoch      text not null default '',    -- everything up to this position has become jobs
  lsn        numeric(20) not null default 0,
  ordinal    bigint not null default 0,
  created_at timestamptz not null default now(),
  constraint webhook_code check (is_code(code))
);
alter table webhook enable row level security;
create policy scope on webhook to gridweave_app using (code >= scope_lo() and code < scope_hi());
