-- The servers that work on this database, each with its replication slot, and when each was last alive. A slot whose
-- server is gone holds back the log; whose it is stands here.

-- +goose Up
create table node (
  name       text primary key check (name ~ '^[a-z0-9_]{1,40}$'),
  slot       text not null unique,
  host       text not null,
  pid        integer not null,
  folder     text not null,   -- hash of host and data folder: who holds a folder's lock is its only server
  version    text not null,
  address    text not null,
  started_at timestamptz not null default clock_timestamp(),
  seen_at    timestamptz not null default clock_timestamp()
);
